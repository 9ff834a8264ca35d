using System.Buffers;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// What a client sends, as it comes. Who reads waits as long as he likes: a read that has brought nothing by then stays under
/// way, and its bytes are the next reader's.
/// </summary>
/// <param name="content">Is not disposed.</param>
/// <param name="cancel">Ends the content.</param>
internal sealed class ArrivingContent(Stream content, CancellationToken cancel) : IAsyncDisposable
{
    // A thousand clients that send little at a time are waited for with little each.
    private const int FewBytes = 4 * 1024;
    private const int MuchBytes = 16 * 1024;

    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FewBytes);
    private Task<int>? reading;
    private (int At, int End) came;

    /// <summary>Gives what came.</summary>
    /// <returns>How many bytes; 0 at the end of the content; null when nothing came in time.</returns>
    public async ValueTask<int?> Read(Memory<byte> to, TimeSpan patience)
    {
        if (came.At == came.End)
        {
            if (reading is null)
            {
                Fit();
                reading = content.ReadAsync(buffer, stop.Token).AsTask();
            }

            try
            {
                came = (0, await reading.WaitAsync(patience, CancellationToken.None));
            }
            catch (TimeoutException) when (!reading.IsFaulted)
            {
                return null;
            }

            reading = null;
        }

        var count = Math.Min(to.Length, came.End - came.At);
        buffer.AsSpan(came.At, count).CopyTo(to.Span);
        came.At += count;
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (reading is not null)
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        stop.Dispose();
        Return();
    }

    // Much comes where the last read was filled, and little where it brought little.
    private void Fit()
    {
        var bytes = came.End == buffer.Length ? MuchBytes : came.End <= FewBytes ? FewBytes : buffer.Length;
        if (bytes == buffer.Length)
            return;
        Return();
        buffer = ArrayPool<byte>.Shared.Rent(bytes);
    }

    // Plain bytes do not wait in the pool for whoever comes next.
    private void Return() => ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
}
