export function inDeno(script: string): string[];
export function binaryOf(scope: string, path: string, moved: string): string;
