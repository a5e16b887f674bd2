/**
 * Whether this process was started by a step of some run: then nobody human sits at its terminal, however much like
 * one it looks (`script` makes a terminal for anybody).
 */
import { attemptMarker } from '../engine/host/process/attempt-marker.ts';

export const isInsideStep = (): boolean => attemptMarker() !== undefined;
