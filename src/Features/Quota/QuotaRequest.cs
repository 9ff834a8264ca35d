using FluentValidation;
using MediatR;

namespace EventFiles.Features.Quota;

/// <summary>How much space the caller has.</summary>
/// <param name="AsOf">How it stood then; null for now.</param>
public sealed record ReadQuota(Caller By, string? AsOf) : IRequest<Answer<QuotaView>>, IAsked;

/// <summary>Which events make up the figure, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ExplainQuota(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<QuotaEntry>>>, IAsked;

/// <summary>An administrator sets how much an account may hold, in bytes.</summary>
public sealed record SetQuotaLimit(Caller By, AccountId Account, long LimitBytes) : IRequest<Answer<QuotaView>>, IAsked;

/// <summary>One event behind the figure.</summary>
/// <param name="Position">Its place in the log.</param>
/// <param name="Version">Its place in the account's quota stream.</param>
/// <param name="What">limitSet, reserved, released, charged or freed.</param>
/// <param name="Bytes">How many it was about.</param>
/// <param name="FileId">The file concerned, if any.</param>
/// <param name="UploadId">The upload concerned, if any.</param>
/// <param name="After">The figures after it.</param>
public sealed record QuotaEntry(
    long Position, long Version, DateTimeOffset At, string What, long Bytes, FileId? FileId, UploadId? UploadId, QuotaView After);

internal sealed class ExplainQuotaShape : AbstractValidator<ExplainQuota>
{
    public ExplainQuotaShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class SetQuotaLimitShape : AbstractValidator<SetQuotaLimit>
{
    public SetQuotaLimitShape() => RuleFor(ask => ask.LimitBytes).InclusiveBetween(0, 1L << 60);
}
