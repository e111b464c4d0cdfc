import { type LoadOrder, load } from './load.js';

/** A process of its own that makes the load, so that it takes no time from those who answer or from what measures them. */
process.on('message', (order: LoadOrder) => {
  load(order).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
// Ctrl-C reaches the whole group in a terminal; the bench decides when this ends.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
