/** Headers that say who asks. */
export const httpAuth = {
  /** RFC 6750. */
  bearer(token: string): Record<string, string> {
    return { authorization: `Bearer ${token}` };
  },
  /** RFC 7617, in UTF-8. */
  basic(user: string, password: string): Record<string, string> {
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    return { authorization: `Basic ${credentials}` };
  },
  /** A header of the service's own, such as `x-api-key`. */
  header(name: string, value: string): Record<string, string> {
    return { [name]: value };
  },
};
