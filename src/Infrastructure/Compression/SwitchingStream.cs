using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Compression;

/// <summary>
/// The bytes of an object as it came. Should that form go while it is read, they come from the compressed one from there on:
/// a bucket, unlike a directory, does not let a reader finish with what is deleted.
/// </summary>
/// <param name="compressed">Opens the other form; null when there is none.</param>
internal sealed class SwitchingStream(Stream asItCame, Func<CancellationToken, Task<Stream?>> compressed) : SeekableContent
{
    private Stream content = asItCame;
    private bool hasSwitched;

    public override bool CanRead => content.CanRead;

    public override bool CanSeek => content.CanSeek;

    public override long Length { get; } = asItCame.Length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await ReadHere(buffer, cancellationToken);
        }
        catch (Exception gone) when (!hasSwitched && ObjectReading.IsOfTheObject(gone))
        {
            if (!await Switched(cancellationToken))
                throw;
            return await ReadHere(buffer, cancellationToken);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (content.Position != Position)
            content.Position = Position;
        try
        {
            var read = content.Read(buffer);
            Position += read;
            return read;
        }
        catch (Exception gone) when (!hasSwitched && ObjectReading.IsOfTheObject(gone))
        {
            if (!Wait(Switched(CancellationToken.None)))
                throw;
            return Read(buffer);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadHere(Memory<byte> buffer, CancellationToken cancel)
    {
        if (content.Position != Position)
            content.Position = Position;
        var read = await content.ReadAsync(buffer, cancel);
        Position += read;
        return read;
    }

    private async Task<bool> Switched(CancellationToken cancel)
    {
        hasSwitched = true;
        if (await compressed(cancel) is not { } other)
            return false;
        await content.DisposeAsync();
        content = other;
        return true;
    }
}
