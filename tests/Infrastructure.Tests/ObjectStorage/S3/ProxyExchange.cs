using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>One request and its answer, between both ends.</summary>
internal sealed class ProxyExchange
{
    private readonly TcpClient client;
    private readonly HttpBytes near;
    private readonly HttpBytes far;
    private readonly string head;
    private readonly long bodyBytes;
    private readonly CancellationToken cancel;

    public ProxyExchange(TcpClient client, HttpBytes near, HttpBytes far, string head, CancellationToken cancel)
    {
        (this.client, this.near, this.far, this.head, this.cancel) = (client, near, far, head, cancel);
        var line = head.Split(' ', 3);
        Request = new ProxiedRequest(line[0], line[1]);
        bodyBytes = HttpBytes.LengthIn(head) ?? 0;
    }

    public ProxiedRequest Request { get; }

    public async Task<bool> Pass()
    {
        await SendRequest(bodyBytes, flips: false);
        return await SendReply(whole: true, flips: false);
    }

    /// <returns>Whether the connection can be used again.</returns>
    public async Task<bool> Suffer(Fault fault)
    {
        switch (fault)
        {
            case Fault.Reset:
                return ResetConnection();
            case Fault.Silence:
                await Task.Delay(Timeout.Infinite, cancel);
                return false;
            case Fault.LoseReply:
                await SendRequest(bodyBytes, flips: false);
                await far.ReadHead(cancel);
                return ResetConnection();
            case Fault.KeepReply:
                await SendRequest(bodyBytes, flips: false);
                await far.ReadHead(cancel);
                await Task.Delay(Timeout.Infinite, cancel);
                return false;
            case Fault.CutRequest:
                await SendRequest(bodyBytes / 2, flips: false);
                return ResetConnection();
            case Fault.FlipRequest:
                await SendRequest(bodyBytes, flips: true);
                return await SendReply(whole: true, flips: false);
            case Fault.CutReply:
                await SendRequest(bodyBytes, flips: false);
                return await SendReply(whole: false, flips: false);
            case Fault.StallReply:
                await SendRequest(bodyBytes, flips: false);
                await SendReply(whole: false, flips: false);
                await Task.Delay(Timeout.Infinite, cancel);
                return false;
            default:
                await SendRequest(bodyBytes, flips: false);
                return await SendReply(whole: true, flips: true);
        }
    }

    public async Task<bool> Answer(int status, string code)
    {
        await Continue();
        await near.Copy(Stream.Null, bodyBytes, flips: false, cancel);
        return await Reply(status, code);
    }

    public async Task<bool> AnswerAfterwards(int status, string code)
    {
        await SendRequest(bodyBytes, flips: false);
        var theirs = await far.ReadHead(cancel) ?? throw new IOException("The server is gone.");
        await far.CopyBody(theirs, Request.Method, Stream.Null, 1, flips: false, cancel);
        return await Reply(status, code);
    }

    private async Task<bool> Reply(int status, string code)
    {
        var body = Request.Method == "HEAD" ? "" : $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>Planned.</Message></Error>";
        await near.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status} Planned\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
            cancel);
        return true;
    }

    private Task Continue() => head.Contains("Expect: 100-continue", StringComparison.OrdinalIgnoreCase)
        ? near.Write("HTTP/1.1 100 Continue\r\n\r\n", cancel)
        : Task.CompletedTask;

    private async Task SendRequest(long bytes, bool flips)
    {
        await Continue();
        await far.Write(head.Replace("Expect: 100-continue\r\n", "", StringComparison.OrdinalIgnoreCase), cancel);
        await near.Copy(far.Stream, bytes, flips, cancel);
    }

    private async Task<bool> SendReply(bool whole, bool flips)
    {
        var theirs = await far.ReadHead(cancel) ?? throw new IOException("The server is gone.");
        await near.Write(theirs, cancel);
        await far.CopyBody(theirs, Request.Method, near.Stream, whole ? 1 : 2, flips, cancel);
        return whole && !theirs.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
    }

    private bool ResetConnection()
    {
        client.LingerState = new LingerOption(true, 0);
        return false;
    }
}

/// <summary>HTTP/1.1 as far as it takes to see where messages end.</summary>
internal sealed class HttpBytes(Stream stream)
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    public Stream Stream => stream;

    public static long? LengthIn(string head)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                return long.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture);
        }

        return null;
    }

    /// <summary>A message up to its empty line; null when the other end has closed.</summary>
    public async Task<string?> ReadHead(CancellationToken cancel)
    {
        var head = new StringBuilder();
        while (await ReadLine(cancel) is { } line)
        {
            head.Append(line).Append("\r\n");
            if (line.Length == 0 && head.Length > 2)
                return head.ToString();
        }

        return null;
    }

    public Task Write(string text, CancellationToken cancel) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancel).AsTask();

    /// <summary>Passes on so many bytes.</summary>
    /// <param name="flips">With a bit in their middle changed.</param>
    public async Task Copy(Stream to, long bytes, bool flips, CancellationToken cancel)
    {
        var flipAt = flips ? bytes / 2 : -1;
        for (var at = 0L; at < bytes;)
        {
            if (start == end && !await Fill(cancel))
                throw new IOException("It ended early.");
            var piece = (int)Math.Min(end - start, bytes - at);
            if (flipAt >= at && flipAt < at + piece)
                buffer[start + (int)(flipAt - at)] ^= 4;
            await to.WriteAsync(buffer.AsMemory(start, piece), cancel);
            (start, at) = (start + piece, at + piece);
        }

        await to.FlushAsync(cancel);
    }

    /// <summary>Passes on an answer's body, or the first of <paramref name="shares"/> equal shares of it.</summary>
    public async Task CopyBody(string head, string method, Stream to, int shares, bool flips, CancellationToken cancel)
    {
        var status = head.Split(' ', 3)[1];
        if (method == "HEAD" || status is "204" or "304")
            return;
        if (LengthIn(head) is { } length)
        {
            await Copy(to, length / shares, flips, cancel);
            return;
        }

        // In chunks, or until the end: these are answers without an object's bytes.
        while (await ReadLine(cancel) is { } line)
        {
            await to.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"), cancel);
            var size = long.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            await Copy(to, size + 2, flips: false, cancel);
            if (size == 0)
                return;
        }
    }

    private async Task<string?> ReadLine(CancellationToken cancel)
    {
        var line = new StringBuilder();
        while (start < end || await Fill(cancel))
        {
            var one = (char)buffer[start++];
            if (one == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(one);
        }

        return null;
    }

    private async Task<bool> Fill(CancellationToken cancel)
    {
        start = 0;
        end = await stream.ReadAsync(buffer, cancel);
        return end > 0;
    }
}
