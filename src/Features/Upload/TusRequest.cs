using FluentValidation;
using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>Creates a resumable upload and sets its space aside; takes bytes at once when some come along.</summary>
/// <param name="LengthBytes">The size of the whole file; null when the client tells it later.</param>
/// <param name="Content">The first bytes, or null.</param>
/// <param name="ContentBytes">How many of them come, when the client says.</param>
public sealed record CreateUpload(
    Caller By, long? LengthBytes, string Name, string? DeclaredType, Placement Placement, Stream? Content, long? ContentBytes)
    : IRequest<Answer<CreatedUpload>>, IAsked
{
    /// <summary>For a version of a file that is named: tags, one of which it must still have; null for whatever it has.</summary>
    public IReadOnlyList<string>? IfMatch { get; init; }

    /// <summary>What the first bytes are, as the client says.</summary>
    public ContentChecks Checks { get; init; } = ContentChecks.None;

    /// <summary>The digest of the whole file, lower-case hex; null when the client does not say.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The bytes that come along are the last ones.</summary>
    public bool EndsHere { get; init; }

    /// <summary>
    /// Told the token as soon as the upload can be continued, before its bytes are read; says whether the client was told
    /// of it. Null when nobody can be told before the reply.
    /// </summary>
    public Func<string, Task<bool>>? Announce { get; init; }

    /// <summary>Its bytes will be a file together with those of other uploads: name, type and place mean nothing.</summary>
    public bool IsPart { get; init; }
}

/// <summary>Makes a file of the bytes of partial uploads.</summary>
/// <param name="Parts">The tokens of their URLs, in the order of their bytes.</param>
public sealed record JoinUploads(Caller By, IReadOnlyList<string> Parts, string Name, string? DeclaredType, Placement Placement)
    : IRequest<Answer<CreatedUpload>>, IAsked
{
    /// <inheritdoc cref="CreateUpload.IfMatch"/>
    public IReadOnlyList<string>? IfMatch { get; init; }

    /// <inheritdoc cref="CreateUpload.Sha256"/>
    public string? Sha256 { get; init; }
}

/// <summary>How far a resumable upload is.</summary>
/// <param name="Token">From its URL.</param>
public sealed record ReadUpload(Caller By, string Token) : IRequest<Answer<UploadProgress>>, IAsked
{
    /// <summary>A request of this node that still writes to the upload ends: its client has given it up.</summary>
    public bool Interrupts { get; init; }
}

/// <summary>More bytes of a resumable upload; with the last one it becomes a file.</summary>
/// <param name="OffsetBytes">Where the client believes the upload stands.</param>
/// <param name="ContentBytes">How many bytes come, when the client says.</param>
public sealed record ContinueUpload(Caller By, string Token, long OffsetBytes, Stream Content, long? ContentBytes)
    : IRequest<Answer<UploadProgress>>, IAsked
{
    /// <summary>The size of the whole file, when the client says it (again) now.</summary>
    public long? LengthBytes { get; init; }

    /// <inheritdoc cref="CreateUpload.Checks"/>
    public ContentChecks Checks { get; init; } = ContentChecks.None;

    /// <inheritdoc cref="CreateUpload.Sha256"/>
    public string? Sha256 { get; init; }

    /// <inheritdoc cref="CreateUpload.EndsHere"/>
    public bool EndsHere { get; init; }

    /// <inheritdoc cref="ReadUpload.Interrupts"/>
    public bool Interrupts { get; init; }
}

/// <summary>Ends a resumable upload without a file.</summary>
public sealed record CancelUpload(Caller By, string Token) : IRequest<Answer<Done>>, IAsked;

/// <summary>An upload's deadline has passed.</summary>
/// <param name="File">The file that its bytes are meant for.</param>
public sealed record ExpireUpload(UploadId Upload, FileId File, AccountId Owner) : IWork;

/// <summary>The bytes of an upload that ended without a file go away.</summary>
public sealed record DiscardUpload(UploadId Upload, AccountId Owner) : IWork;

/// <summary>Removes the bytes of an upload whose version has the same from another.</summary>
/// <param name="File">The file that it became a version of.</param>
public sealed record DiscardDuplicate(UploadId Upload, FileId File, AccountId Owner) : IWork;

/// <summary>Compresses the bytes of an upload, when that pays.</summary>
/// <param name="File">The file that it became a version of.</param>
public sealed record CompressContent(UploadId Upload, FileId File, AccountId Owner) : IWork;

/// <summary>A new resumable upload.</summary>
/// <param name="Token">The secret of its URL. Not stored anywhere.</param>
public sealed record CreatedUpload(string Token, UploadProgress Progress);

/// <summary>How far a resumable upload is.</summary>
/// <param name="OffsetBytes">As many bytes are durable.</param>
/// <param name="LengthBytes">The size of the whole file; null as long as nobody knows it.</param>
/// <param name="ExpiresAt">Until then it may be continued.</param>
/// <param name="File">The file that it became; null before the last byte.</param>
public sealed record UploadProgress(
    long OffsetBytes, long? LengthBytes, DateTimeOffset ExpiresAt, string Name, string ContentType, FileId? File)
{
    /// <summary>It becomes no file by itself.</summary>
    public bool IsPart { get; init; }

    /// <summary>It was made of partial uploads.</summary>
    public bool IsFinal { get; init; }
}

internal sealed class JoinUploadsShape : AbstractValidator<JoinUploads>
{
    public JoinUploadsShape() => RuleFor(ask => ask.Name).IsEntryName();
}

internal sealed class CreateUploadShape : AbstractValidator<CreateUpload>
{
    public CreateUploadShape() => RuleFor(ask => ask.Name).IsEntryName();
}
