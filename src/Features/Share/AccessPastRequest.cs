using FluentValidation;
using MediatR;

namespace EventFiles.Features.Share;

/// <summary>Who could open a file between two times, and when its links opened it.</summary>
public sealed record ReadAccessPast(Caller By, FileId File, DateTimeOffset From, DateTimeOffset To)
    : IRequest<Answer<AccessPastReply>>, IAsked;

/// <summary>Who could open a file, as the log tells it.</summary>
/// <param name="FileId">The file.</param>
/// <param name="From">Where the time begins.</param>
/// <param name="To">Where it ends.</param>
/// <param name="People">Everybody who could, by when they could first.</param>
/// <param name="Links">The links that led to the file, with their downloads in that time.</param>
public sealed record AccessPastReply(
    FileId FileId, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<AccessSpan> People, IReadOnlyList<LinkSpan> Links);

/// <summary>One stretch of time in which somebody could open the file, by themselves, a folder or a group.</summary>
/// <param name="Who">The account.</param>
/// <param name="Role">owner, editor, commenter or viewer.</param>
/// <param name="From">Not before the time that was asked about.</param>
/// <param name="To">Not after it.</param>
public sealed record AccessSpan(ShareParty Who, string Role, DateTimeOffset From, DateTimeOffset To);

/// <summary>A link while it led to the file.</summary>
/// <param name="Id">The link's id; opens nothing.</param>
/// <param name="HasPassword">A password was asked for.</param>
/// <param name="From">When it was made.</param>
/// <param name="To">When it ended or will by its time; null for never. That its downloads were used up is not said here.</param>
/// <param name="DownloadedAt">When downloads by it began, in the time that was asked about.</param>
public sealed record LinkSpan(
    LinkId Id, bool HasPassword, DateTimeOffset From, DateTimeOffset? To, IReadOnlyList<DateTimeOffset> DownloadedAt);

internal sealed class ReadAccessPastShape : AbstractValidator<ReadAccessPast>
{
    public ReadAccessPastShape() =>
        RuleFor(ask => ask.To).GreaterThan(ask => ask.From).WithMessage("The time ends after it begins.");
}
