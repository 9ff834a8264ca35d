using System.Runtime.ExceptionServices;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// Cuts a stream into parts and sends some at once while the next is read. They are told of in their order, each when all
/// before it are stored.
/// </summary>
/// <param name="send">Sends one.</param>
/// <param name="stored">It is stored; gets the state of the digest after it.</param>
internal sealed class PartPipe(Func<Spool, Task<StoredPart>> send, Func<StoredPart, byte[], Task> stored)
{
    private const int AtOnce = 3;

    /// <summary>Sends whole parts until the content ends.</summary>
    /// <param name="begun">Bytes that go before the content, which the digest has already.</param>
    /// <param name="position">Where <paramref name="begun"/> begins in the object.</param>
    /// <returns>What is left, too little for a part; and how the sender broke off, if it did.</returns>
    public async Task<(Spool Left, ExceptionDispatchInfo? Broken)> Run(
        Stream content, Spool begun, long position, ResumableSha256 digest, CancellationToken cancel)
    {
        var spool = begun;
        var underWay = new Queue<Task>();
        var last = Task.CompletedTask;
        try
        {
            while (true)
            {
                var size = PartSizes.At(position);
                var (ended, broken) = await spool.Fill(content, size, digest, cancel);
                if (spool.Length == size)
                {
                    if (position + size > PartSizes.MaxObjectBytes)
                        throw new IOException("The object is larger than an S3 server takes.");
                    if (underWay.Count == AtOnce)
                        await underWay.Dequeue();
                    underWay.Enqueue(last = Store(send(spool), spool, digest.State, last));
                    position += size;
                    spool = new Spool();
                }

                if (!ended)
                    continue;
                while (underWay.TryDequeue(out var oldest))
                    await oldest;
                return (spool, broken);
            }
        }
        catch
        {
            spool.Dispose();
            throw;
        }
        finally
        {
            foreach (var one in underWay)
                await one.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task Store(Task<StoredPart> sending, Spool spool, byte[] digest, Task before)
    {
        using (spool)
        {
            var part = await sending;
            await before;
            await stored(part, digest);
        }
    }
}
