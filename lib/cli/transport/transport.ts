export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** With its query, encoded. */
  readonly path: string;
  /** JSON. */
  readonly body?: string;
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
