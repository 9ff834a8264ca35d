using System.Text.Json;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Audit;

/// <summary>All that happened to a file, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ReadHistory(Caller By, FileId File, string? Cursor, int Limit)
    : IRequest<Answer<Page<HistoryEntry>>>, IAsked;

/// <summary>One event of a file's history.</summary>
/// <param name="Position">Its place in the whole log; grows, with gaps.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="What">The event's stored name: <c>upload.completed.v1</c>.</param>
/// <param name="Actor">Who asked for it; null for what the system did by itself and for whoever used a public link.</param>
/// <param name="Stream">The stream it stands in.</param>
/// <param name="Version">Its place in that stream, of what is told of it: 1, 2, 3…</param>
/// <param name="EventId">The event's own id.</param>
/// <param name="CorrelationId">The trace of the request that led to it.</param>
/// <param name="CausationId">The event or request that led to it directly.</param>
/// <param name="Details">The event's fields, without digests of secrets; what was erased reads <c>[erased]</c>.</param>
public sealed record HistoryEntry(
    long Position, DateTimeOffset At, string What, HistoryActor? Actor, string Stream, long Version, Guid EventId,
    string? CorrelationId, string? CausationId, JsonElement Details);

/// <summary>Who asked for something.</summary>
/// <param name="Id">The account.</param>
/// <param name="DisplayName">Its name; null when the account is gone.</param>
public sealed record HistoryActor(AccountId Id, string? DisplayName);

internal sealed class ReadHistoryShape : AbstractValidator<ReadHistory>
{
    public ReadHistoryShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
