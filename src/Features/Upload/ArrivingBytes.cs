using Microsoft.AspNetCore.Http;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// A client's bytes on their way into the object store. Counts them, asks before it hands any on, keeps the first few
/// for finding their type, and remembers why they ended early: whatever a store makes of the exception, the reason stays.
/// </summary>
/// <param name="took">Asked with the total after each read; a refusal keeps the bytes of that read back.</param>
/// <param name="stop">Ends the reading, whatever token the reader passes; that one ends it too.</param>
/// <param name="checks">What the client says that these bytes are; null when it says nothing.</param>
internal sealed class ArrivingBytes(
    Stream inner, Func<ArrivingBytes, ValueTask<Rejection?>> took, CancellationToken stop, ContentChecks? checks = null) : OneWayStream
{
    /// <summary>As many first bytes as finding the type needs.</summary>
    public const int HeadBytes = 4096;

    private readonly byte[] head = new byte[HeadBytes];
    private readonly RunningDigests? digests = checks is null or { IsEmpty: true } ? null : checks.Begin();
    private int headLength;
    private CancellationTokenSource? either;
    private CancellationToken reader;

    /// <summary>How many bytes have come.</summary>
    public long TakenBytes { get; private set; }

    /// <summary>Why the bytes ended before their end; null while all is well.</summary>
    public Rejection? Refused { get; private set; }

    /// <summary>The client said what these bytes are: they may not count before that is known to be so.</summary>
    public bool IsChecked => digests is not null;

    /// <summary>Why bytes that ended well are not those that the client announced; null when they are.</summary>
    public Rejection? Verdict => digests is null ? null : checks!.Judge(digests);

    /// <summary>The first bytes, as far as they have come.</summary>
    public ReadOnlyMemory<byte> Head => head.AsMemory(0, headLength);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = Refused is null ? await Take(buffer, Either(cancellationToken)) : 0;
        return Refused is null ? count : throw new ArrivalRefusedException(Refused);
    }

    protected override void Dispose(bool disposing)
    {
        digests?.Dispose();
        either?.Dispose();
        base.Dispose(disposing);
    }

    // Who reads does so with one token, mostly: it is put together with the other once.
    private CancellationToken Either(CancellationToken asked)
    {
        if (!asked.CanBeCanceled || asked == stop)
            return stop;
        if (either is null || asked != reader)
        {
            either?.Dispose();
            (either, reader) = (CancellationTokenSource.CreateLinkedTokenSource(stop, asked), asked);
        }

        return either.Token;
    }

    private async ValueTask<int> Take(Memory<byte> buffer, CancellationToken cancel)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancel);
        }
        catch (Exception broken) when (ByTheClient(broken) is { } why)
        {
            Refused = why;
            return 0;
        }

        var kept = Math.Min(count, HeadBytes - headLength);
        buffer.Span[..kept].CopyTo(head.AsSpan(headLength));
        headLength += kept;
        TakenBytes += count;
        digests?.Take(buffer.Span[..count]);
        Refused = await took(this);
        return count;
    }

    /// <summary>What a failure to read a request's body says of the request; null when the machine is to blame.</summary>
    public static Rejection? ByTheClient(Exception broken) => broken switch
    {
        BadHttpRequestException { StatusCode: 413 } => No.TooLarge,
        IOException or InvalidDataException or OperationCanceledException => No.BrokenBody,
        _ => null,
    };
}

/// <summary>Tells a store that the bytes end here without being whole.</summary>
internal sealed class ArrivalRefusedException(Rejection why) : IOException(why.Detail);
