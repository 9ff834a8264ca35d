using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventFiles.Bench;

/// <summary>
/// One kept-alive HTTP/1.1 connection, as cheap as can be: client and server share the cores, and what the client uses up
/// makes every server look the same.
/// </summary>
internal sealed class Wire : IDisposable
{
    private readonly Socket connection;
    private byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    private Wire(Socket socket) => connection = socket;

    public static async Task<Wire> Connect(Uri server, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(server.Host), server.Port), cancel);
        return new Wire(socket);
    }

    /// <summary>Sends a request and reads its reply, which is valid until the next one.</summary>
    public async ValueTask<Reply> Send(ReadOnlyMemory<byte> request, CancellationToken cancel)
    {
        await Write(request, cancel);
        return await Receive(cancel);
    }

    public async ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0)
            bytes = bytes[await connection.SendAsync(bytes, cancel)..];
    }

    public async ValueTask<Reply> Receive(CancellationToken cancel)
    {
        (start, end) = (0, 0);
        int headEnd;
        while ((headEnd = buffer.AsSpan(0, end).IndexOf("\r\n\r\n"u8)) < 0)
            await Fill(cancel);
        var head = buffer.AsMemory(0, headEnd + 2);
        start = headEnd + 4;
        var status = (buffer[9] - '0') * 100 + (buffer[10] - '0') * 10 + buffer[11] - '0';
        var text = Encoding.ASCII.GetString(head.Span);
        if (Header(text, "Transfer-Encoding") is "chunked")
            return new Reply(status, text, await Chunks(cancel));
        var length = int.Parse(Header(text, "Content-Length") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        return new Reply(status, text, await Take(length, cancel));
    }

    public void Dispose() => connection.Dispose();

    /// <summary>A header's value, or null.</summary>
    public static string? Header(string head, string name)
    {
        var at = head.IndexOf("\r\n" + name + ":", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        at += name.Length + 3;
        return head[at..head.IndexOf("\r\n", at, StringComparison.Ordinal)].Trim();
    }

    private async ValueTask<ReadOnlyMemory<byte>> Take(int length, CancellationToken cancel)
    {
        while (end - start < length)
            await Fill(cancel);
        start += length;
        return buffer.AsMemory(start - length, length);
    }

    // Small replies only: the pieces are moved together at the place of the first.
    private async ValueTask<ReadOnlyMemory<byte>> Chunks(CancellationToken cancel)
    {
        var (bodyStart, length) = (start, 0);
        while (true)
        {
            int line;
            while ((line = buffer.AsSpan(start, end - start).IndexOf("\r\n"u8)) < 0)
                await Fill(cancel);
            if (!Utf8Parser.TryParse(buffer.AsSpan(start, line), out int size, out _, 'x'))
                throw new BenchException("The server's chunks cannot be read.");
            start += line + 2;
            var chunk = await Take(size + 2, cancel);
            if (size == 0)
                return buffer.AsMemory(bodyStart, length);
            chunk.Span[..size].CopyTo(buffer.AsSpan(bodyStart + length));
            length += size;
        }
    }

    private async ValueTask Fill(CancellationToken cancel)
    {
        if (end == buffer.Length)
            Array.Resize(ref buffer, buffer.Length * 2);
        var read = await connection.ReceiveAsync(buffer.AsMemory(end), cancel);
        if (read == 0)
            throw new BenchException("The server closed the connection.");
        end += read;
    }
}

/// <summary>What a server answered.</summary>
internal readonly record struct Reply(int Status, string Head, ReadOnlyMemory<byte> Body)
{
    /// <summary>Anything but a yes ends the measurement.</summary>
    public Reply OrFail() => Status is >= 200 and < 300
        ? this
        : throw new BenchException($"The server answered {Status}: {Encoding.UTF8.GetString(Body.Span)}");
}
