using FluentValidation;
using MediatR;

namespace EventFiles.Features.Quota;

/// <summary>How much space the caller has.</summary>
/// <param name="AsOf">How it stood then; null for now.</param>
public sealed record ReadQuota(Caller By, string? AsOf) : IRequest<Answer<QuotaView>>, IAsked;

/// <summary>What makes up the figure, and by which events, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ExplainQuota(Caller By, string? Cursor, int Limit) : IRequest<Answer<QuotaExplanation>>, IAsked;

/// <summary>An administrator sets what an account may hold: all of it, what is not named is no limit any more.</summary>
public sealed record SetQuotaLimit(Caller By, AccountId Account, long LimitBytes) : IRequest<Answer<QuotaView>>, IAsked
{
    /// <summary>What it may hold besides.</summary>
    public QuotaRules Rules { get; init; } = QuotaRules.None;
}

/// <summary>An administrator looks how much space an account has.</summary>
public sealed record ReadAccountQuota(Caller By, AccountId Account) : IRequest<Answer<QuotaView>>, IAsked;

/// <summary>An administrator looks who uses how much, the most first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListQuotas(Caller By, QuotaGroup Which, string? Cursor, int Limit) : IRequest<Answer<Page<QuotaView>>>, IAsked;

/// <summary>An owner is told by mail that their space is nearly used up.</summary>
/// <param name="Letter">The same each time the same mail is sent.</param>
/// <param name="Percent">How much of it is used; 0 when it is the soft limit that was passed.</param>
/// <param name="GraceUntil">When nothing is added any more; null when it is not the soft limit.</param>
public sealed record TellOfSpace(AccountId Owner, Guid Letter, int Percent, DateTimeOffset? GraceUntil) : IWork;

/// <summary>One of those who manage a group is told so of its space.</summary>
/// <param name="Owner">Who is told.</param>
/// <param name="Letter">The same each time the same mail is sent.</param>
/// <param name="Percent">How much of it is used; 0 when it is the soft limit that was passed.</param>
/// <param name="GraceUntil">When nothing is added any more; null when it is not the soft limit.</param>
public sealed record TellKeeperOfSpace(AccountId Owner, Guid Letter, int Percent, DateTimeOffset? GraceUntil) : IWork;

/// <summary>How the used space comes about.</summary>
/// <param name="Items">The events behind it, oldest first.</param>
/// <param name="NextCursor">Opaque; null on the last page.</param>
/// <param name="Breakdown">What it is made of now; on the first page only.</param>
public sealed record QuotaExplanation(IReadOnlyList<QuotaEntry> Items, string? NextCursor, QuotaBreakdown? Breakdown);

/// <summary>
/// What the used space is made of, exact to the byte: current, former, trashed and leaving versions together, less what is
/// shared, are what is stored, which is what is used.
/// </summary>
/// <param name="CurrentBytes">The current versions of files.</param>
/// <param name="FormerBytes">Their former versions.</param>
/// <param name="TrashBytes">All versions of what lies in the trash.</param>
/// <param name="LeavingBytes">What is deleted for good and about to be removed.</param>
/// <param name="SharedBytes">What takes up no space, because other versions have the very same bytes.</param>
/// <param name="StoredBytes">What is stored, each object as large as it came: the used space.</param>
/// <param name="ReservedBytes">What is set aside for uploads in flight.</param>
/// <param name="Compressed">What of it lies compressed in the store.</param>
public sealed record QuotaBreakdown(
    long CurrentBytes, long FormerBytes, long TrashBytes, long LeavingBytes, long SharedBytes, long StoredBytes, long ReservedBytes,
    CompressedSpace Compressed);

/// <summary>
/// What compression comes to. It is not given back: files count for as much as they are, so that what fits does not depend on
/// what is in them.
/// </summary>
/// <param name="Objects">How many are compressed.</param>
/// <param name="PlainBytes">As they came, and count.</param>
/// <param name="StoredBytes">As they lie in the store, without what encryption adds.</param>
/// <param name="SavedBytes">The difference.</param>
public sealed record CompressedSpace(int Objects, long PlainBytes, long StoredBytes, long SavedBytes);

/// <summary>One event behind the figure.</summary>
/// <param name="Position">Its place in the log.</param>
/// <param name="Version">Its place in the account's quota stream.</param>
/// <param name="What">limitSet, rulesSet, levelReached, softLimitPassed, corrected, reserved, released, charged, shared, givenUp, compressed or freed.</param>
/// <param name="Bytes">
/// How many it was about; what was given up and others have still, of givenUp; how many were saved, of compressed.
/// </param>
/// <param name="FileId">The file concerned, if any.</param>
/// <param name="UploadId">The upload concerned, if any.</param>
/// <param name="After">The figures after it.</param>
public sealed record QuotaEntry(
    long Position, long Version, DateTimeOffset At, string What, long Bytes, FileId? FileId, UploadId? UploadId, Balance After);

internal sealed class ExplainQuotaShape : AbstractValidator<ExplainQuota>
{
    public ExplainQuotaShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class SetQuotaLimitShape : AbstractValidator<SetQuotaLimit>
{
    public SetQuotaLimitShape()
    {
        RuleFor(ask => ask.LimitBytes).InclusiveBetween(0, 1L << 60);
        RuleFor(ask => ask.Rules.SoftLimitBytes).InclusiveBetween(0, 1L << 60).OverridePropertyName("softLimitBytes");
        RuleFor(ask => ask.Rules.MaxFiles).InclusiveBetween(0, int.MaxValue).OverridePropertyName("maxFiles");
        RuleFor(ask => ask.Rules.MaxFileBytes).InclusiveBetween(0, 1L << 60).OverridePropertyName("maxFileBytes");
    }
}

internal sealed class ListQuotasShape : AbstractValidator<ListQuotas>
{
    public ListQuotasShape()
    {
        RuleFor(ask => ask.Which).IsInEnum();
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
    }
}
