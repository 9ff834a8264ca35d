using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EventFiles.Infrastructure.Children;

/// <summary>How a job in a child ended.</summary>
/// <param name="Rendering">What is known of the picture; null when the child died and the file may not be to blame.</param>
/// <param name="IsReusable">The child can take another job.</param>
internal readonly record struct JobEnd(Rendering? Rendering, bool IsReusable);

/// <summary>One warm child, from the parent's side. Takes one job at a time.</summary>
internal sealed class RenderChild : IAsyncDisposable
{
    private const int PieceBytes = 64 * 1024;
    private const int TailBytes = 4096;
    private const int OutOfCpu = 128 + 24;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly Process process;
    private readonly ChildOptions options;
    private readonly bool hasKeeper;
    private readonly Stream input;
    private readonly Stream output;
    private readonly Task<string> complaints;
    private int isKilled;

    private RenderChild(Process process, ChildOptions options, Launcher launcher)
    {
        (this.process, this.options, Launcher, hasKeeper) = (process, options, launcher, launcher.Sandbox!.HasKeeper);
        (input, output) = (process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        complaints = Task.Run(() => Tail(process.StandardError.BaseStream));
    }

    /// <summary>Who started it, within which walls.</summary>
    public Launcher Launcher { get; }

    public int Jobs { get; private set; }

    public int ProcessId => process.Id;

    /// <summary>When it last ended a job.</summary>
    public long FreeSince { get; private set; }

    public bool IsAlive => !process.HasExited;

    /// <summary>A child that has said that it is ready.</summary>
    /// <exception cref="TransientException">It did not come up.</exception>
    public static async Task<RenderChild> Start(Launcher launcher, ChildOptions options, CancellationToken cancel)
    {
        var child = new RenderChild(await launcher.Start(), options, launcher);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartLimit);
        using var end = limit.Token.Register(child.Kill);
        try
        {
            if (await ChildProtocol.ReadReply(child.output, CancellationToken.None) == ChildReply.Ready)
                return child;
            throw new InvalidDataException();
        }
        catch (Exception reason) when (reason is IOException or InvalidDataException or System.Text.Json.JsonException)
        {
            child.Kill();
            var said = await child.complaints;
            await child.DisposeAsync();
            cancel.ThrowIfCancellationRequested();
            throw new TransientException($"The child process did not come up. {said}", reason);
        }
    }

    /// <summary>Runs one job. Kills the child at the time limit and on cancellation.</summary>
    public async Task<JobEnd> Run(Stream original, RenderOrder order, CancellationToken cancel)
    {
        Jobs++;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.Timeout);
        await using var end = limit.Token.Register(Kill);
        try
        {
            if (!await HandOver(original, order, limit))
                return new(new Rendering.Failed("too-large", "The file is larger than what is rendered."), true);
            limit.CancelAfter(options.Timeout);
            KillPoint.Reach("work.child-running");
            var reply = await ChildProtocol.ReadReply(output, CancellationToken.None);
            FreeSince = Stopwatch.GetTimestamp();
            return reply.Code is { } code
                ? new(new Rendering.Failed(code, reply.Detail ?? ""), code is not "too-hungry")
                : new(await Receive(reply, order), true);
        }
        catch (ChildGoneException)
        {
            return await Aftermath(limit, cancel);
        }
        catch (Exception gone) when (gone is EndOfStreamException or InvalidDataException or System.Text.Json.JsonException)
        {
            return await Aftermath(limit, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // An idle child ends by itself when its input does.
            await input.DisposeAsync();
        }
        catch (IOException)
        {
            // It has gone already, which is what was wanted.
        }

        if (!await Exited(isKilled == 0 ? Grace : TimeSpan.Zero))
            Kill();
        await Exited(Timeout.InfiniteTimeSpan);
        await complaints;
        process.Dispose();
    }

    /// <summary>Ends the child and everything it started, at once.</summary>
    public void Kill()
    {
        if (Interlocked.Exchange(ref isKilled, 1) == 0 && !process.HasExited)
            _ = Task.Run(KillAll);
    }

    // With bubblewrap the first process waits for the second, which is the init of all others: killing that one first
    // lets the first one reap it, and no zombie is left to whoever is our own init.
    private async Task KillAll()
    {
        if (hasKeeper)
        {
            foreach (var inner in ChildrenOf(process.Id))
                Posix.Kill(inner);
            if (await Exited(Grace))
                return;
        }

        Posix.Kill(-process.Id);
        Posix.Kill(process.Id);
    }

    private async Task<bool> HandOver(Stream original, RenderOrder order, CancellationTokenSource limit)
    {
        var size = original.CanSeek ? original.Length - original.Position : 0;
        var isLarge = size > options.MaxInputBytes;
        // Of a video what matters stands in the beginning and at the end; a sound is heard once from one to the other.
        var leftOut = isLarge && order.Source is RenderSource.VideoFrame or RenderSource.MediaFacts && size <= options.MaxVideoBytes
            ? size - options.MaxInputBytes
            : 0;
        var flows = isLarge && order.Source is RenderSource.SoundWave;
        var most = flows ? options.MaxSoundBytes : options.MaxInputBytes;
        if (size - leftOut > most && order.Source is not RenderSource.PlainText)
            return false;
        await Send(ChildProtocol.Frame(new ChildOrder(
            order, size, options.MaxInputBytes, options.MaxOutputBytes, options.MaxPixels, options.CpuSeconds)
        {
            Flows = flows,
            LeftOutBytes = leftOut,
            MarkBytes = order.Mark?.Picture?.Length ?? 0,
        }));
        if (order.Mark?.Picture is { } mark)
            await Send(mark);
        var headLeft = leftOut > 0 ? options.MaxInputBytes / 4 * 3 : long.MaxValue;
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (var sent = 0L; ;)
            {
                if (headLeft == 0)
                {
                    await Send(ChildProtocol.Number(ChildProtocol.LeftOut));
                    original.Position += leftOut;
                    headLeft = long.MaxValue;
                }

                var piece = await Read(original, buffer.AsMemory(0, (int)Math.Min(PieceBytes, headLeft)), limit.Token);
                (sent, headLeft) = (sent + piece, headLeft - piece);
                if (sent > most)
                {
                    await Send(ChildProtocol.Number(ChildProtocol.GivenUp));
                    return false;
                }

                await Send(ChildProtocol.Number(piece));
                if (piece == ChildProtocol.EndOfOriginal)
                    return true;
                await Send(buffer.AsMemory(0, piece));
                // Of plain text no more is kept, so no more is read.
                if (order.Source is RenderSource.PlainText && sent > TextSink.MaxBytes)
                {
                    await Send(ChildProtocol.Number(ChildProtocol.EndOfOriginal));
                    return true;
                }

                limit.CancelAfter(options.Timeout);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> Read(Stream original, Memory<byte> buffer, CancellationToken limit)
    {
        try
        {
            return await original.ReadAsync(buffer, limit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new ChildGoneException();
        }
        catch
        {
            // The original cannot be read on; half an order is in the pipe, so the child is of no more use.
            Kill();
            throw;
        }
    }

    private async Task Send(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await input.WriteAsync(bytes, CancellationToken.None);
            await input.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            throw new ChildGoneException();
        }
    }

    private async Task<Rendering> Receive(ChildReply reply, RenderOrder order)
    {
        // A document may have no words; a picture has bytes.
        if (reply.Bytes < (order.Format is RenderFormat.Text ? 0 : 1) || reply.Bytes > options.MaxOutputBytes)
            throw new InvalidDataException();
        var picture = new byte[reply.Bytes];
        await output.ReadExactlyAsync(picture, CancellationToken.None);
        return new Rendering.Made(
            new MemoryStream(picture, writable: false), order.ContentType, reply.Width, reply.Height);
    }

    private async Task<JobEnd> Aftermath(CancellationTokenSource limit, CancellationToken cancel)
    {
        var isTimeout = limit.IsCancellationRequested;
        Kill();
        await Exited(Timeout.InfiniteTimeSpan);
        cancel.ThrowIfCancellationRequested();
        var said = await complaints;
        return new(
            isTimeout || process.ExitCode == OutOfCpu
                ? new Rendering.Failed("too-slow", string.Create(
                    CultureInfo.InvariantCulture, $"Rendering it takes longer than {options.Timeout.TotalSeconds} seconds."))
                : said.Contains("memory", StringComparison.OrdinalIgnoreCase) || said.Contains("allocat", StringComparison.OrdinalIgnoreCase)
                    ? new Rendering.Failed("too-hungry", "Rendering it takes more memory than is allowed.")
                    : null,
            false);
    }

    private async Task<bool> Exited(TimeSpan wait)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(wait);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static List<int> ChildrenOf(int process)
    {
        try
        {
            return [.. File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task/{process}/children"))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    // The last words only: a decoder may complain without end.
    private static async Task<string> Tail(Stream errors)
    {
        var tail = new byte[2 * TailBytes];
        var length = 0;
        while (await errors.ReadAsync(tail.AsMemory(length)) is > 0 and var read)
        {
            length += read;
            if (length <= TailBytes)
                continue;
            tail.AsSpan(length - TailBytes, TailBytes).CopyTo(tail);
            length = TailBytes;
        }

        return Encoding.UTF8.GetString(tail, 0, length).Trim();
    }

    private sealed class ChildGoneException : Exception;
}
