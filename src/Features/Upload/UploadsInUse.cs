using System.Collections.Concurrent;

namespace EventFiles.Features.Upload;

/// <summary>
/// Which resumable uploads a request of this process is writing to: one at a time. Between processes the object store's
/// own check of the offset decides.
/// </summary>
internal sealed class UploadsInUse
{
    private readonly ConcurrentDictionary<UploadId, Turn> turns = [];

    /// <summary>The turn to write, or null when another request has it.</summary>
    public Turn? TryEnter(UploadId upload)
    {
        var turn = new Turn(this, upload);
        if (turns.TryAdd(upload, turn))
            return turn;
        turn.Dispose();
        return null;
    }

    /// <summary>The turn, once whoever has it is through; null when that took too long.</summary>
    /// <param name="interrupt">Tells whoever has it to stop reading.</param>
    public async Task<Turn?> Enter(UploadId upload, bool interrupt, TimeSpan atMost, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(atMost);
        while (true)
        {
            if (TryEnter(upload) is { } mine)
                return mine;
            if (!turns.TryGetValue(upload, out var theirs))
                continue;
            if (interrupt)
                theirs.Stop();
            try
            {
                await theirs.Over.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    /// <summary>The right to write to one upload until it is disposed of.</summary>
    internal sealed class Turn(UploadsInUse all, UploadId upload) : IDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Somebody wants this request to stop reading.</summary>
        public CancellationToken Stopped => stop.Token;

        public Task Over => over.Task;

        public void Stop()
        {
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself meanwhile.
            }
        }

        public void Dispose()
        {
            all.turns.TryRemove(new KeyValuePair<UploadId, Turn>(upload, this));
            over.TrySetResult();
            stop.Dispose();
        }
    }
}
