using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Share;

/// <summary>What the caller may do with some files and folders now.</summary>
/// <param name="Checks">At most 1000.</param>
public sealed record CheckPermissions(Caller By, IReadOnlyList<PermissionCheck?>? Checks)
    : IRequest<Answer<PermissionResults>>, IAsked;

/// <summary>One question, of a file or of a folder.</summary>
/// <param name="FileId">The file; absent for a folder.</param>
/// <param name="Action">read, comment, edit, share or own; to edit a folder is to change what is in it: who may only put something into it may not.</param>
/// <param name="FolderId">The folder; absent for a file.</param>
public sealed record PermissionCheck(
    FileId? FileId = null, [property: JsonConverter(typeof(FileActionJson))] FileAction? Action = null, FolderId? FolderId = null);

/// <summary>The answers, in the order of the questions.</summary>
/// <param name="Results">One for each question.</param>
public sealed record PermissionResults(IReadOnlyList<PermissionResult> Results);

/// <summary>One answer.</summary>
/// <param name="FileId">The file; null for a folder.</param>
/// <param name="FolderId">The folder; null for a file.</param>
/// <param name="Action">read, comment, edit, share or own.</param>
/// <param name="Allowed">Whether the caller may; false also for what does not exist.</param>
public sealed record PermissionResult(
    FileId? FileId, FolderId? FolderId, [property: JsonConverter(typeof(FileActionJson))] FileAction Action, bool Allowed);

/// <summary>Actions are words in JSON.</summary>
internal sealed class FileActionJson() : JsonStringEnumConverter<FileAction>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

internal sealed class CheckPermissionsShape : AbstractValidator<CheckPermissions>
{
    public CheckPermissionsShape()
    {
        RuleFor(ask => ask.Checks).NotNull();
        RuleFor(ask => ask.Checks).Must(checks => checks!.Count <= 1000).WithMessage("At most 1000 checks.")
            .Must(checks => checks!.All(check =>
                check is { Action: not null } && (check.FileId is null) != (check.FolderId is null)))
            .WithMessage("Each check has an action and either a fileId or a folderId.")
            .When(ask => ask.Checks is not null);
    }
}
