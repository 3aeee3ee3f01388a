export const variables: Readonly<Record<string, string>>;
