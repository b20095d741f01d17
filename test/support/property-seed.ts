import fc from 'fast-check';

/*
 * Property tests look at the same cases in every run, so that a red run is the fault of its change.
 * `PROPERTY_SEED=7 npm test` looks at others.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_122) });
