using FluentValidation;
using MediatR;

namespace EventFiles.Features.Retention;

/// <summary>Says how long what is in a folder of the caller's stays.</summary>
public sealed record SetRetention(Caller By, FolderId Folder, RetentionRule Rule) : IRequest<Answer<FolderRetention>>, IAsked;

/// <summary>What holds in a folder of the caller's.</summary>
public sealed record ReadRetention(Caller By, FolderId Folder) : IRequest<Answer<FolderRetention>>, IAsked;

/// <summary>The folder has no rule of its own any more.</summary>
public sealed record RemoveRetention(Caller By, FolderId Folder) : IRequest<Answer<Done>>, IAsked;

/// <summary>Deletes what is due by the rules of an account's folders.</summary>
public sealed record SweepRetention(AccountId Owner) : IWork;

/// <summary>How long what is in a folder stays.</summary>
/// <param name="FolderId">The folder.</param>
/// <param name="Own">What it says itself; null when it says nothing.</param>
/// <param name="Effective">What holds in it, with what the folders above say.</param>
/// <param name="NextSweep">When what is due is deleted next; null when no folder has a rule.</param>
public sealed record FolderRetention(FolderId FolderId, RetentionRule? Own, RetentionRule Effective, DateTimeOffset? NextSweep);

internal sealed class SetRetentionShape : AbstractValidator<SetRetention>
{
    private const int MostDays = 36_525;

    public SetRetentionShape()
    {
        RuleFor(ask => ask.Rule.DeleteAfterDays).InclusiveBetween(1, MostDays).OverridePropertyName("deleteAfterDays");
        RuleFor(ask => ask.Rule.KeepAtLeastDays).InclusiveBetween(1, MostDays).OverridePropertyName("keepAtLeastDays");
        RuleFor(ask => ask.Rule.KeepVersions).InclusiveBetween(1, 10_000).OverridePropertyName("keepVersions");
        RuleFor(ask => ask.Rule.KeepVersionDays).InclusiveBetween(1, MostDays).OverridePropertyName("keepVersionDays");
        RuleFor(ask => ask.Rule.EmptyTrashAfterDays).InclusiveBetween(1, MostDays).OverridePropertyName("emptyTrashAfterDays");
        RuleFor(ask => ask.Rule.Since).IsInEnum().OverridePropertyName("since");
        RuleFor(ask => ask.Rule).Must(rule => !rule.IsEmpty).OverridePropertyName("rule")
            .WithMessage("A rule says something: deleteAfterDays, keepAtLeastDays, keepVersions, keepVersionDays or emptyTrashAfterDays.");
    }
}
