export const bends: Readonly<Record<string, Readonly<Record<string, string>>>>;
