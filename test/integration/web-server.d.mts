export interface WebServer {
  server: string;
  config: string;
  folder: string;
  port: number;
  modules?: readonly string[];
}

type Stop = () => Promise<void>;

export function installWebServers(): Promise<void>;
export function startWebServer(webServer: WebServer): Promise<Stop>;
export function startFcgiwrap(path: string): Promise<Stop>;
export function freePort(): Promise<number>;
export function webUser(): { uid: number; gid: number } | null;
