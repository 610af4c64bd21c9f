<?php
/** A FastCGI client: what a web server says to php-fpm and php-cgi. Many requests may be open at once. */

declare(strict_types=1);

final class FastCgi
{
    private const BEGIN_REQUEST = 1;
    private const END_REQUEST = 3;
    private const PARAMS = 4;
    private const STDIN = 5;
    private const STDOUT = 6;
    private const STDERR = 7;

    /** What came in and is not a whole record yet. */
    private string $bytes = '';
    private string $output = '';
    /** What the script wrote to the web server's error log. */
    public string $errors = '';
    /** When the response was complete, or the connection ended; null before that. */
    public ?float $ended = null;
    public readonly float $started;

    private function __construct(private readonly mixed $socket)
    {
        $this->started = microtime(true);
    }

    /** Starts a request of a script, its arguments in `$_GET`. */
    public static function start(string $address, string $script, array $query = []): self
    {
        $socket = stream_socket_client($address, $code, $reason, 5) ?: throw new RuntimeException("$address: $reason");
        $request = new self($socket);
        $params = '';
        foreach ([
            'SCRIPT_FILENAME' => $script,
            'SCRIPT_NAME' => '/' . basename($script),
            'QUERY_STRING' => http_build_query($query),
            'REQUEST_METHOD' => 'GET',
            'SERVER_PROTOCOL' => 'HTTP/1.1',
            'GATEWAY_INTERFACE' => 'CGI/1.1',
            'REDIRECT_STATUS' => '200',
        ] as $name => $value) {
            $params .= pack('C', strlen($name)) . pack('N', strlen($value) | 0x80000000) . $name . $value;
        }
        fwrite($socket, self::record(self::BEGIN_REQUEST, pack('nCx5', 1, 0)) . self::record(self::PARAMS, $params)
            . self::record(self::PARAMS, '') . self::record(self::STDIN, ''));
        stream_set_blocking($socket, false);
        return $request;
    }

    /** The body of one request's response. */
    public static function get(string $address, string $script, array $query = []): string
    {
        $request = self::start($address, $script, $query);
        self::finish([$request]);
        return $request->body();
    }

    /**
     * Waits until every request has ended.
     *
     * @param list<self> $requests
     */
    public static function finish(array $requests, float $seconds = 60): void
    {
        $until = microtime(true) + $seconds;
        while ($open = array_filter($requests, fn (self $request) => $request->ended === null)) {
            $read = array_map(fn (self $request) => $request->socket, $open);
            $none = null;
            if (microtime(true) > $until) {
                throw new RuntimeException(count($open) . ' requests did not end');
            }
            stream_select($read, $none, $none, 0, 100_000);
            foreach (array_keys($read) as $index) {
                $open[$index]->receive();
            }
        }
    }

    public function body(): string
    {
        return explode("\r\n\r\n", $this->output, 2)[1] ?? '';
    }

    public function seconds(): float
    {
        return $this->ended - $this->started;
    }

    private function receive(): void
    {
        $more = (string) fread($this->socket, 65536);
        $this->bytes .= $more;
        if ($more === '' && feof($this->socket)) {
            $this->end();
        }
        while (strlen($this->bytes) >= 8) {
            ['type' => $type, 'length' => $length, 'padding' => $padding] =
                unpack('Cversion/Ctype/nid/nlength/Cpadding', $this->bytes);
            if (strlen($this->bytes) < 8 + $length + $padding) {
                return;
            }
            $content = substr($this->bytes, 8, $length);
            $this->bytes = substr($this->bytes, 8 + $length + $padding);
            match ($type) {
                self::STDOUT => $this->output .= $content,
                self::STDERR => $this->errors .= $content,
                self::END_REQUEST => $this->end(),
                default => null,
            };
        }
    }

    /** The server waits until we close as well. */
    private function end(): void
    {
        $this->ended = microtime(true);
        fclose($this->socket);
    }

    private static function record(int $type, string $content): string
    {
        return pack('CCnnCx', 1, $type, 1, strlen($content), 0) . $content;
    }
}
