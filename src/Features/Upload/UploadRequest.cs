using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;

namespace EventFiles.Features.Upload;

/// <summary>A whole file comes in one request.</summary>
/// <param name="DeclaredType">The media type that the client says, if any.</param>
/// <param name="Placement">Where it is to go, as far as that is known before the bytes.</param>
/// <param name="AtMostBytes">
/// The file is not larger than that; null when the client does not say. Differs with the form around the file, so it does
/// not tell one request from another.
/// </param>
/// <param name="ReadToEnd">Called after the content: reads what follows it and says where the file is to go.</param>
public sealed record ReceiveFile(
    Caller By, string Name, string? DeclaredType, Placement Placement, Stream Content,
    [property: JsonIgnore] long? AtMostBytes,
    Func<CancellationToken, Task<Answer<Placement>>> ReadToEnd) : IRequest<Answer<UploadedFile>>, IAsked, IBringsContent
{
    /// <summary>For a version of a file that is named: tags, one of which it must still have; null for whatever it has.</summary>
    public IReadOnlyList<string>? IfMatch { get; init; }

    /// <summary>What the file is, as the client says beside it; that says nothing which its bytes do not.</summary>
    [JsonIgnore]
    public ContentChecks Checks { get; init; } = ContentChecks.None;

    /// <summary>The reply was given to the same bytes. Those that broke off on their way are others.</summary>
    public async Task<bool> IsAnsweredBy(object reply, CancellationToken cancel)
    {
        try
        {
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(Content, cancel));
            return (await ReadToEnd(cancel)).Refusal is null
                && reply is UploadedFile { File.Sha256: { } before }
                && string.Equals(sha256, before, StringComparison.Ordinal);
        }
        catch (Exception broken) when (!cancel.IsCancellationRequested && ArrivingBytes.ByTheClient(broken) is not null)
        {
            return false;
        }
    }
}

/// <summary>Somebody brings a whole file by a link, which says where it goes.</summary>
/// <param name="DeclaredType">The media type that the client says, if any.</param>
/// <param name="Placement">Where the form wants it; refused when it says anything.</param>
/// <param name="AtMostBytes">The file is not larger than that; null when the client does not say.</param>
/// <param name="ReadToEnd">Called after the content: reads what follows it.</param>
public sealed record BringFile(
    LinkVisit Visit, string Name, string? DeclaredType, Placement Placement, Stream Content, long? AtMostBytes,
    Func<CancellationToken, Task<Answer<Placement>>> ReadToEnd) : IRequest<Answer<BroughtFile>>
{
    /// <summary>What the file is, as the client says beside it.</summary>
    public ContentChecks Checks { get; init; } = ContentChecks.None;
}

/// <summary>A file that was taken by a link. What else its folder holds, and what it is called there, is not told.</summary>
/// <param name="Name">The name that it came with.</param>
/// <param name="SizeBytes">Bytes; they are durable.</param>
public sealed record BroughtFile(string Name, [property: JsonPropertyName("size")] long SizeBytes);

/// <summary>The form of a file that is brought, for the API document; the body is read as a stream.</summary>
/// <param name="File">The file: its bytes, its name, its media type.</param>
public sealed record BringForm(IFormFile File);

/// <summary>Where a file is to go.</summary>
/// <param name="Folder">Null is the caller's root.</param>
/// <param name="OnConflict">What to do when the folder has an entry of that name.</param>
public sealed record Placement(FolderId? Folder, NameConflict OnConflict)
{
    /// <summary>The file of which it is to be the next version, wherever that is; null for one by its place and name.</summary>
    public FileId? Into { get; init; }

    /// <summary>What a client means that says nothing of it.</summary>
    public static readonly Placement Unsaid = new(null, NameConflict.Rename);

    /// <summary>From a client's texts; nothing and <c>root</c> are the root, nothing is rename.</summary>
    public static Answer<Placement> Parse(string? folderId, string? onConflict, string? fileId = null)
    {
        if (!string.IsNullOrEmpty(fileId))
        {
            return !Guid.TryParseExact(fileId, "D", out var file) ? Bad("fileId", "A file's id is a UUID.")
                : !string.IsNullOrEmpty(folderId) || !string.IsNullOrEmpty(onConflict)
                    ? Bad("fileId", "A file that is named by its id stays where it is: leave folderId and onConflict out.")
                : new Placement(null, NameConflict.NewVersion) { Into = new FileId(file) };
        }

        FolderId? folder = Guid.TryParseExact(folderId, "D", out var id) ? new FolderId(id) : null;
        if (folder is null && folderId is not (null or "" or "root"))
            return Bad("folderId", "A folder's id is a UUID, or root.");
        return onConflict?.ToUpperInvariant() switch
        {
            null or "" or "RENAME" => new Placement(folder, NameConflict.Rename),
            "FAIL" => new Placement(folder, NameConflict.Fail),
            "NEWVERSION" => new Placement(folder, NameConflict.NewVersion),
            _ => Bad("onConflict", "One of fail, rename and newVersion."),
        };
    }

    /// <summary>What is said too late to be heeded.</summary>
    public static Rejection FolderIdTooLate => Bad("folderId", "Send the folderId of somebody else's folder before the file.");

    /// <summary>The same of a file's id.</summary>
    public static Rejection FileIdTooLate => Bad("fileId", "Send fileId before the file.");

    private static Rejection Bad(string field, string problem) => UploadRejection.BadField with
    {
        Errors = ImmutableDictionary<string, string[]>.Empty.Add(field, [problem]),
    };
}

/// <summary>A file that has been taken, and what is done with it now.</summary>
/// <param name="File">The file; its bytes are durable.</param>
/// <param name="Jobs">The processing steps that were planned for it.</param>
public sealed record UploadedFile(FileSummary File, IReadOnlyList<PlannedJob> Jobs);

/// <summary>The form of an upload, for the API document; the body is read as a stream.</summary>
/// <param name="File">The file: its bytes, its name, its media type.</param>
/// <param name="FolderId">The folder it goes to; the root when absent.</param>
/// <param name="OnConflict">When the folder has an entry of that name: rename (the default), fail or newVersion.</param>
/// <param name="FileId">
/// The file of which it becomes the next version, in place of a folder; it must come before the file. If-Match guards
/// against another's version.
/// </param>
public sealed record UploadForm(IFormFile File, Guid? FolderId, NameConflict? OnConflict, Guid? FileId);

internal sealed class ReceiveFileShape : AbstractValidator<ReceiveFile>
{
    public ReceiveFileShape() => RuleFor(ask => ask.Name).IsEntryName();
}

internal sealed class BringFileShape : AbstractValidator<BringFile>
{
    public BringFileShape() => RuleFor(ask => ask.Name).IsEntryName();
}

internal static class EntryNameRule
{
    /// <summary>The text can be the name of a file.</summary>
    public static IRuleBuilderOptionsConditions<T, string> IsEntryName<T>(this IRuleBuilder<T, string> rule) => rule.Custom((name, check) =>
    {
        if (EntryName.Problem(name) is { } problem)
            check.AddFailure(problem);
    });
}
