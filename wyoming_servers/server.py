"""The one asyncio driver of both servers: it reads, writes, limits, cancels and drains.

    server = Server(
        name="jonh-tts",                  # in logs, metrics and mDNS
        uri=settings.uri,                 # tcp://HOST:PORT or unix://PATH
        info=info,                        # wyoming Info; `server.info = ...` replaces it any time
        new_protocol=lambda: TtsProtocol(...),   # one per connection, see `protocol`
        work=synthesize,                  # work(job, is_cancelled) -> results, on a worker thread
        limits=Limits(data_bytes=256 * 1024),
        deadlines=Deadlines(stall_s=120),
    )
    sys.exit(run_server(server))          # until SIGTERM or SIGINT, drained, 0
"""
