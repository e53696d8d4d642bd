export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query, encoded. */
  readonly path: string;
  /** JSON, or an object's bytes. */
  readonly body?: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** As it goes on the wire: what authenticates it is among the headers. */
export interface Addressed {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Carries requests to one Tidemark. */
export interface Transport {
  /** As people know it: an address. */
  readonly where: string;
  /** @throws CliError where nothing answers, with what to do */
  send(request: ApiRequest): Promise<Response>;
  /** What to do when the API refuses whoever asks. */
  readonly howToAuthenticate: string;
}

/** The same, and bytes that flow. */
export interface ByteTransport extends Transport {
  /** @throws CliError, TidemarkError where there is nothing to authenticate by */
  address(request: ApiRequest): Promise<Addressed>;
  /** The largest body that comes through, bytes, handed over whole; undefined: any, as it flows. */
  readonly wholeBytes?: number;
  /** What to do when nothing answers. */
  readonly howToReach: string;
}
