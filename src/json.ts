/** A value that survives JSON unchanged. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** An object that survives JSON unchanged. */
export interface JsonObject {
  [key: string]: Json;
}
