/** Size of the embedded recogniser. */
export type MoonshineSize = 'tiny' | 'base';
