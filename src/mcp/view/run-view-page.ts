/** The view of a run for hosts of the MCP Apps extension: one document that needs nothing from elsewhere. */
import { RUN_VIEW_SCRIPT } from './run-view-script.ts';
import { RUN_VIEW_STYLE } from './run-view-style.ts';

export const RUN_VIEW_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Belay run</title>
<style>${RUN_VIEW_STYLE}</style>
</head>
<body>
<main id="run"><p class="dim">Waiting for the run …</p></main>
<script>${RUN_VIEW_SCRIPT}</script>
</body>
</html>
`;
