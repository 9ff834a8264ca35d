using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace EventFiles.Infrastructure.Scanning;

/// <summary>
/// clamd, one connection for each question. Bytes go to it as they are read (INSTREAM), 64 KiB at a time. What it does not say
/// in so many words is no verdict.
/// </summary>
internal sealed class ClamAvScanner(ClamAvSettings settings, TimeProvider clock) : IScanner, IDependency
{
    private const int ChunkBytes = 64 * 1024;
    private const int LongestReply = 4096;
    private const int LongestText = 200;
    private const int Tries = 3;

    // What clamd says of an archive or a file that it would have to look at beyond its limits (AlertExceedsMax).
    private const string Limits = "Heuristics.Limits.Exceeded";

    private enum Spoilt
    {
        // It does not answer, or breaks off.
        Away,

        // It lives and has not answered about these bytes in time.
        Slow,

        // It breaks off or complains each time it gets these bytes.
        Refused,
    }

    public string Name => "scanner";

    public async Task Ask(CancellationToken cancel)
    {
        if (await Command("zPING\0", cancel) is not "PONG")
            throw new ScannerAwayException("clamd answers something else than PONG.");
    }

    public async Task<string> Signatures(CancellationToken cancel)
    {
        var says = await Command("zVERSION\0", cancel);
        return says.StartsWith("ClamAV", StringComparison.Ordinal) && says.All(letter => letter is >= ' ' and <= '~')
            ? says[..Math.Min(says.Length, LongestText)]
            : throw new ScannerAwayException("What answers is not clamd.");
    }

    public async Task<ScanOutcome> Scan(Stream content, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(content);
        for (var tried = 1; ; tried++)
        {
            content.Position = 0;
            var (outcome, spoilt) = await Once(content, cancel);
            if (outcome is not null)
                return outcome;
            // Only who lives can be said to be at a loss with these bytes.
            if (spoilt != Spoilt.Away)
                await Ask(cancel);
            if (spoilt == Spoilt.Slow)
                return new ScanOutcome.NotScannable("too-slow");
            if (spoilt == Spoilt.Away)
                throw new ScannerAwayException("clamd broke off.");
            if (tried == Tries)
                return new ScanOutcome.NotScannable("refused");
        }
    }

    private async Task<(ScanOutcome? Outcome, Spoilt Why)> Once(Stream content, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var connection = await Connect(cancel);
        // It answers in the middle when it has had enough, and closes: only who listens meanwhile hears it.
        var reply = Reply(connection, over.Token);
        var isWhole = false;
        try
        {
            isWhole = await Send(connection, content, reply, over.Token);
            var says = await reply.WaitAsync(isWhole ? settings.LookWithin : settings.AnswerWithin, clock, cancel);
            return (Read(says), Spoilt.Refused);
        }
        catch (TimeoutException)
        {
            return (null, isWhole ? Spoilt.Slow : Spoilt.Away);
        }
        catch (BrokeOffException)
        {
            return (null, Spoilt.Refused);
        }
        finally
        {
            await over.CancelAsync();
            await reply.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // False when it answered before it had all.
    private async Task<bool> Send(Socket connection, Stream content, Task<string> reply, CancellationToken cancel)
    {
        var chunk = new byte[4 + ChunkBytes];
        await Take(connection, "zINSTREAM\0"u8.ToArray(), cancel);
        while (await content.ReadAtLeastAsync(chunk.AsMemory(4), ChunkBytes, throwOnEndOfStream: false, cancel) is var count and > 0)
        {
            if (reply.IsCompleted)
                return false;
            BinaryPrimitives.WriteInt32BigEndian(chunk, count);
            try
            {
                await Take(connection, chunk.AsMemory(0, 4 + count), cancel);
            }
            catch (BrokeOffException)
            {
                return false; // It closed: perhaps it said why.
            }
        }

        await Take(connection, new byte[4], cancel);
        return true;
    }

    private async Task Take(Socket connection, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
                sent += await connection.SendAsync(bytes[sent..], SocketFlags.None, cancel).AsTask().WaitAsync(settings.TakeWithin, clock, cancel);
        }
        catch (SocketException why)
        {
            throw new BrokeOffException(why);
        }
    }

    // Null for what is no verdict on these bytes.
    private static ScanOutcome? Read(string says)
    {
        const string Subject = "stream: ";
        if (says.Contains("size limit exceeded", StringComparison.Ordinal))
            return new ScanOutcome.NotScannable("too-large");
        if (!says.StartsWith(Subject, StringComparison.Ordinal))
            return null;
        says = says[Subject.Length..];
        if (says == "OK")
            return new ScanOutcome.Clean();
        if (!says.EndsWith(" FOUND", StringComparison.Ordinal))
            return null;
        var threat = says[..^" FOUND".Length];
        return threat.StartsWith(Limits, StringComparison.Ordinal)
            ? new ScanOutcome.NotScannable("too-large")
            : new ScanOutcome.Found(threat[..Math.Min(threat.Length, LongestText)]);
    }

    private async Task<string> Command(string words, CancellationToken cancel)
    {
        try
        {
            using var connection = await Connect(cancel);
            await Take(connection, Encoding.ASCII.GetBytes(words), cancel);
            return await Reply(connection, cancel).WaitAsync(settings.AnswerWithin, clock, cancel);
        }
        catch (Exception why) when (why is BrokeOffException or TimeoutException)
        {
            throw new ScannerAwayException("clamd does not answer.", why);
        }
    }

    private async Task<Socket> Connect(CancellationToken cancel)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        soon.CancelAfter(settings.AnswerWithin);
        try
        {
            return await settings.Address.Connect(soon.Token);
        }
        catch (Exception why) when (why is SocketException || (why is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new ScannerAwayException("clamd cannot be reached.", why);
        }
    }

    private static async Task<string> Reply(Socket connection, CancellationToken cancel)
    {
        var bytes = new byte[LongestReply];
        var length = 0;
        try
        {
            while (length < bytes.Length && await connection.ReceiveAsync(bytes.AsMemory(length), SocketFlags.None, cancel) is var count and > 0)
            {
                length += count;
                if (bytes.AsSpan(0, length).IndexOf((byte)0) is var end and >= 0)
                    return Encoding.Latin1.GetString(bytes, 0, end).Trim();
            }
        }
        catch (SocketException why)
        {
            throw new BrokeOffException(why);
        }

        throw new BrokeOffException(null);
    }

    // Its own, so that a store that fails while it is read is not taken for clamd.
    private sealed class BrokeOffException(Exception? inner) : Exception("clamd broke off.", inner);
}
