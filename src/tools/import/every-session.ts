/** All sessions that learning keeps, oldest first, a page at a time. */
import type { LearningStore } from '../../store/learning/open-learning.ts';
import type { LoggedSession } from '../../store/learning/session-log.ts';

const PAGE = 200;

export function* everySession(store: LearningStore): Generator<LoggedSession> {
  let position = 0;
  for (;;) {
    const page = store.after(position, PAGE);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    position = last.id;
  }
}
