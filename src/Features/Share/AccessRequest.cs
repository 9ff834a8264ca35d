using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Share;

/// <summary>What the caller may do with some files now.</summary>
/// <param name="Checks">At most 1000.</param>
public sealed record CheckPermissions(Caller By, IReadOnlyList<PermissionCheck?>? Checks)
    : IRequest<Answer<PermissionResults>>, IAsked;

/// <summary>One question.</summary>
/// <param name="FileId">The file.</param>
/// <param name="Action">read, edit, share or own.</param>
public sealed record PermissionCheck(
    FileId? FileId, [property: JsonConverter(typeof(FileActionJson))] FileAction? Action);

/// <summary>The answers, in the order of the questions.</summary>
/// <param name="Results">One for each question.</param>
public sealed record PermissionResults(IReadOnlyList<PermissionResult> Results);

/// <summary>One answer.</summary>
/// <param name="FileId">The file.</param>
/// <param name="Action">read, edit, share or own.</param>
/// <param name="Allowed">Whether the caller may; false also for a file that does not exist.</param>
public sealed record PermissionResult(
    FileId FileId, [property: JsonConverter(typeof(FileActionJson))] FileAction Action, bool Allowed);

/// <summary>Actions are words in JSON.</summary>
internal sealed class FileActionJson() : JsonStringEnumConverter<FileAction>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

internal sealed class CheckPermissionsShape : AbstractValidator<CheckPermissions>
{
    public CheckPermissionsShape()
    {
        RuleFor(ask => ask.Checks).NotNull();
        RuleFor(ask => ask.Checks).Must(checks => checks!.Count <= 1000).WithMessage("At most 1000 checks.")
            .Must(checks => checks!.All(check => check is { FileId: not null, Action: not null }))
            .WithMessage("Each check has a fileId and an action.")
            .When(ask => ask.Checks is not null);
    }
}
