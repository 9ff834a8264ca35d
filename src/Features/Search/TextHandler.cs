using MediatR;

namespace EventFiles.Features.Search;

/// <summary>Reads the texts that processors extract, and has them kept beside the index. Safe twice, late and in any order.</summary>
internal sealed class TextHandler(ISearchIndex index, IObjects objects) :
    IRequestHandler<KeepText, Answer<Done>>,
    IRequestHandler<KeepMissingTexts, Answer<Done>>
{
    /// <summary>What is behind is not searched in.</summary>
    public const int MostBytes = 1024 * 1024;

    private const int AtOnce = 100;

    public async Task<Answer<Done>> Handle(KeepText request, CancellationToken cancellationToken)
    {
        await Keep(new MissingText(request.Owner, request.File, request.Version, request.StoredAs), cancellationToken);
        return new Done();
    }

    // After a restore, or when work was given up, the object is still there.
    public async Task<Answer<Done>> Handle(KeepMissingTexts request, CancellationToken cancellationToken)
    {
        foreach (var one in await index.Missing(AtOnce, cancellationToken))
            await KeepIfReadable(one, cancellationToken);
        return new Done();
    }

    // What cannot be read is the scrub's affair; those behind it are read all the same.
    private async Task KeepIfReadable(MissingText one, CancellationToken cancel)
    {
        try
        {
            await Keep(one, cancel);
        }
        catch (Exception failure) when (ObjectReading.IsOfTheObject(failure))
        {
            // Told of elsewhere.
        }
    }

    private async Task Keep(MissingText one, CancellationToken cancel)
    {
        await using var content = await objects.Open(one.StoredAs, cancel);
        if (content is null)
            return;
        var bytes = new byte[MostBytes];
        var count = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        // No text column takes a zero.
        var text = TextEncodings.Decoded(bytes.AsSpan(0, count), isCut: count == bytes.Length).Replace('\0', ' ');
        await index.KeepText(one.Owner, one.File, one.Version, text, cancel);
    }
}
