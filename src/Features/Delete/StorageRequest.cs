using FluentValidation;
using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Removes the objects that nothing in the log stands for.</summary>
/// <param name="StartedAt">When this process began, the only one that stores objects.</param>
public sealed record ReconcileStorage(DateTimeOffset StartedAt) : IRequest<Answer<Done>>;

/// <summary>An operator asks what log and object store disagree about.</summary>
/// <param name="Apply">Also removes what nothing stands for.</param>
/// <param name="Limit">1 to 1000 disagreements.</param>
public sealed record CheckStorage(Caller By, bool Apply, int Limit) : IRequest<Answer<StorageReport>>, IAsked;

/// <summary>What log and object store disagree about.</summary>
/// <param name="Items">Those that were found, at most as many as were asked for.</param>
/// <param name="Found">How many these are.</param>
/// <param name="Removed">How many of them were removed.</param>
/// <param name="IsComplete">Whether all was gone through; else there may be more.</param>
public sealed record StorageReport(IReadOnlyList<StorageDisagreement> Items, int Found, int Removed, bool IsComplete);

/// <summary>An object about which log and object store disagree.</summary>
/// <param name="Class">
/// orphan (nothing tells of it), left-over (it is not needed any more), dangling (it is missing), wrong-size, or foreign (it is none of ours).
/// </param>
/// <param name="Key">An area and ids.</param>
/// <param name="SizeBytes">Of what is there; of what is missing, what there was.</param>
/// <param name="StoredAt">When it was written.</param>
/// <param name="Removed">Whether it is gone now.</param>
/// <param name="Event">The event that is responsible; null when no event tells of it.</param>
public sealed record StorageDisagreement(
    string Class, string Key, long SizeBytes, DateTimeOffset StoredAt, bool Removed, NamedEvent? Event);

internal sealed class CheckStorageShape : AbstractValidator<CheckStorage>
{
    public CheckStorageShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

/// <summary>What the check refuses.</summary>
public static class StorageRejection
{
    public static readonly Rejection AdministratorsOnly = new(
        "delete.administrators-only", RejectionKind.Forbidden, "Only an administrator has the object store compared with the log.");
}
