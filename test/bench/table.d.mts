export function formatTable(rows: readonly (readonly string[])[]): string;
