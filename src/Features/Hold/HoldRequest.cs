using FluentValidation;
using MediatR;

namespace EventFiles.Features.Hold;

/// <summary>An auditor forbids that something is deleted for good.</summary>
public sealed record PlaceHold(Caller By, HoldKind Kind, Guid Target, string Reason) : IRequest<Answer<HoldView>>, IAsked;

/// <summary>An auditor ends a hold.</summary>
public sealed record LiftHold(Caller By, HoldId Hold, string Reason) : IRequest<Answer<HoldView>>, IAsked;

/// <summary>One hold, for an auditor.</summary>
public sealed record ReadHold(Caller By, HoldId Hold) : IRequest<Answer<HoldView>>, IAsked;

/// <summary>The holds, newest first, for an auditor.</summary>
/// <param name="Lifted">Those that stand no more, too.</param>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListHolds(Caller By, bool Lifted, string? Cursor, int Limit) : IRequest<Answer<Page<HoldView>>>, IAsked;

/// <summary>Whether a hold stands over a file; not why, and not whose.</summary>
public sealed record ReadFileHold(Caller By, FileId File) : IRequest<Answer<FileHold>>, IAsked;

/// <summary>Whether a file can be deleted for good.</summary>
/// <param name="IsHeld">A hold stands over it: neither it nor a version of it is deleted for good.</param>
public sealed record FileHold(bool IsHeld);

internal sealed class PlaceHoldShape : AbstractValidator<PlaceHold>
{
    public PlaceHoldShape()
    {
        RuleFor(ask => ask.Kind).IsInEnum();
        RuleFor(ask => ask.Reason).Custom((reason, shape) => HoldReason.Check(reason, shape));
    }
}

internal sealed class LiftHoldShape : AbstractValidator<LiftHold>
{
    public LiftHoldShape() =>
        RuleFor(ask => ask.Reason).Custom((reason, shape) => HoldReason.Check(reason, shape));
}

internal sealed class ListHoldsShape : AbstractValidator<ListHolds>
{
    public ListHoldsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal static class HoldReason
{
    private const int MaxLength = 1000;

    public static void Check<T>(string? reason, ValidationContext<T> shape)
    {
        if (string.IsNullOrWhiteSpace(reason))
            shape.AddFailure("A hold is placed and lifted for a reason.");
        else if (reason?.Length > MaxLength)
            shape.AddFailure("A reason has at most 1000 characters.");
        else if (reason is not null && reason.EnumerateRunes().Any(rune => rune.Value is not '\n' && EntryName.IsUnprintable(rune)))
            shape.AddFailure("A reason has no control, direction-changing or broken characters.");
    }
}
