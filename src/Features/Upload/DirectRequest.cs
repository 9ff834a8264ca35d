using FluentValidation;
using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>Whether clients may bring bytes to the store themselves, and how.</summary>
public sealed record ReadDirectTerms(Caller By) : IRequest<Answer<DirectTerms>>, IAsked;

/// <summary>Begins an upload whose parts its client brings to the store itself, and sets its space aside.</summary>
/// <param name="Sha256">Of the whole file, lower-case hex: other bytes become no file. Null when the client says it at the end, or never.</param>
public sealed record BeginDirectUpload(
    Caller By, string Name, string? DeclaredType, Placement Placement, long SizeBytes, string? Sha256)
    : IRequest<Answer<BegunDirectUpload>>, IAsked
{
    /// <inheritdoc cref="CreateUpload.IfMatch"/>
    public IReadOnlyList<string>? IfMatch { get; init; }
}

/// <summary>How far such an upload is, as the store tells it.</summary>
/// <param name="Token">From its URL.</param>
public sealed record ReadDirectUpload(Caller By, string Token) : IRequest<Answer<DirectUpload>>, IAsked;

/// <summary>Addresses for some of its parts.</summary>
/// <param name="From">The first part's number, 1 and up.</param>
/// <param name="Count">How many, 1 to <see cref="Most"/>; those after the last part are left out.</param>
public sealed record AddressParts(Caller By, string Token, int From, int Count) : IRequest<Answer<PartAddresses>>, IAsked
{
    /// <summary>No more addresses are given out at once.</summary>
    public const int Most = 1000;
}

/// <summary>All parts are there: they become a file.</summary>
/// <param name="Sha256">As at the beginning, for a client that did not know it then.</param>
public sealed record CompleteDirectUpload(Caller By, string Token, string? Sha256) : IRequest<Answer<DirectUpload>>, IAsked;

/// <summary>Ends it without a file.</summary>
public sealed record CancelDirectUpload(Caller By, string Token) : IRequest<Answer<Done>>, IAsked;

/// <summary>A part comes to an address of this server's own. Whoever has the address may do that, and nothing else.</summary>
/// <param name="ContentBytes">How many bytes come, as the request says.</param>
public sealed record TakePart(string Address, Stream Content, long? ContentBytes) : IRequest<Answer<Done>>;

/// <summary>The parts of an upload are made one, looked at, and become a file.</summary>
/// <param name="File">The file that the bytes are meant for.</param>
public sealed record JoinParts(UploadId Upload, FileId File, AccountId Owner) : IWork;

/// <summary>Whether clients may bring bytes to the store themselves.</summary>
/// <param name="IsAvailable">They may.</param>
/// <param name="PartBytes">The size of most parts: a file that has no more gains nothing by it.</param>
/// <param name="MaxFileBytes">The largest file that is taken.</param>
public sealed record DirectTerms(bool IsAvailable, long PartBytes, long MaxFileBytes);

/// <summary>A new upload in parts.</summary>
/// <param name="Token">The secret of its URL. Not stored anywhere.</param>
public sealed record BegunDirectUpload(string Token, DirectUpload Upload);

/// <summary>How far an upload in parts is.</summary>
/// <param name="PartBytes">The size of each part; the last one has what is left.</param>
/// <param name="Parts">How many there are, numbered from 1.</param>
/// <param name="Stored">Those that the store has, while parts can be sent.</param>
/// <param name="JoinedBytes">So many bytes were read again, to see what they are.</param>
/// <param name="ExpiresAt">Until then parts can be sent.</param>
/// <param name="File">The file that it became; null before.</param>
public sealed record DirectUpload(
    DirectState State, string Name, long SizeBytes, long PartBytes, int Parts, IReadOnlyList<DirectPart> Stored, long JoinedBytes,
    DateTimeOffset ExpiresAt, FileId? File);

/// <summary>How far an upload in parts is.</summary>
public enum DirectState
{
    /// <summary>Parts can be sent.</summary>
    Open,

    /// <summary>All parts are there, and are being made one and read.</summary>
    Joining,

    /// <summary>It is a file.</summary>
    Complete,
}

/// <summary>Addresses of parts.</summary>
public sealed record PartAddresses(IReadOnlyList<PartAddress> Items);

/// <summary>Where a part goes: a PUT with these bytes and no others.</summary>
/// <param name="Url">An address of the store, or one that begins with a slash, of this server. Whoever has it needs no sign-in.</param>
/// <param name="SizeBytes">The very length of the body.</param>
/// <param name="ExpiresAt">Ask for another afterwards.</param>
public sealed record PartAddress(int Number, long SizeBytes, string Method, string Url, DateTimeOffset ExpiresAt);

internal sealed class BeginDirectUploadShape : AbstractValidator<BeginDirectUpload>
{
    public BeginDirectUploadShape()
    {
        RuleFor(ask => ask.Name).IsEntryName();
        RuleFor(ask => ask.SizeBytes).GreaterThanOrEqualTo(0);
        RuleFor(ask => ask.Sha256).IsSha256();
    }
}

internal sealed class CompleteDirectUploadShape : AbstractValidator<CompleteDirectUpload>
{
    public CompleteDirectUploadShape() => RuleFor(ask => ask.Sha256).IsSha256();
}

internal static class Sha256Rule
{
    /// <summary>The text is a SHA-256 in lower-case hex, or nothing.</summary>
    public static IRuleBuilderOptions<T, string?> IsSha256<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(text => text is null || (text.Length == 64 && text.All(letter => char.IsAsciiHexDigitLower(letter))))
        .WithMessage("A SHA-256 is 64 hexadecimal digits, in small letters.");
}
