import { setFlagsFromString } from 'node:v8';

/*
 * Lets V8 collect the old generation when its garbage is half of what is alive. Left to itself it waits for three times as much while the
 * machine has memory. What may be alive is not limited by that. Imported first, so that it holds for what the other modules leave behind.
 *
 * The young generation is collected when it is full, not already at the end of a task that finds it nearly full: the fewer requests are
 * under way between two collections, the less is taken for long-lived. Its size is a flag of `npm start`, being fixed before any code
 * runs, and so is how many threads V8 has for its own work, each of which keeps memory to itself.
 *
 * V8 reads both whenever they matter. One that has them no more says so and goes on, while Node would not start with them.
 */
setFlagsFromString('--heap-growing-percent=50');
setFlagsFromString('--no-minor-gc-task');
