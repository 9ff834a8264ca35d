using static EventFiles.Features.Hold.HoldEvent;

namespace EventFiles.Features.Hold;

/// <summary>A hold, as auditors see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What it stands over: file, folder or account.</param>
/// <param name="TargetId">The file's, folder's or account's id.</param>
/// <param name="OwnerId">The account that owns what it stands over.</param>
/// <param name="Reason">Why it was placed.</param>
/// <param name="PlacedBy">The auditor who placed it.</param>
/// <param name="LiftedAt">When it was lifted; null while it stands.</param>
/// <param name="LiftedBy">The auditor who lifted it.</param>
/// <param name="LiftReason">Why it was lifted.</param>
public sealed record HoldView(
    HoldId Id, HoldKind Kind, Guid TargetId, AccountId OwnerId, string Reason, AccountId PlacedBy, DateTimeOffset PlacedAt,
    DateTimeOffset? LiftedAt = null, AccountId? LiftedBy = null, string? LiftReason = null);

internal static class HoldProjection
{
    /// <summary>All holds, by when they were placed.</summary>
    public const string All = "holds";

    /// <summary>Those that stand.</summary>
    public const string Standing = "holds-standing";

    /// <summary>By hold id.</summary>
    public static Projection<HoldView> Define() => new Projection<HoldView>("holds")
        .On<Placed>(placed => placed.Hold.ToString(), (_, placed, happened) => new HoldView(
            placed.Hold, placed.Kind, placed.Target, happened.Stream.Tenant, placed.Reason, placed.By, happened.At))
        .On<Lifted>(lifted => lifted.Hold.ToString(), (view, lifted, happened) => view is null ? null : view with
        {
            LiftedAt = happened.At,
            LiftedBy = lifted.By,
            LiftReason = lifted.Reason,
        })
        .Indexed(view =>
        [
            new IndexEntry(All, IndexEntry.Time(view.PlacedAt)),
            .. view.LiftedAt is null ? (IndexEntry[])[new IndexEntry(Standing, IndexEntry.Time(view.PlacedAt))] : [],
        ]);
}
