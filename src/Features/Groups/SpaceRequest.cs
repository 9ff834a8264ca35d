using FluentValidation;
using MediatR;

namespace EventFiles.Features.Groups;

/// <summary>An administrator opens a space for a group.</summary>
/// <param name="Name">What its root folder is called.</param>
public sealed record OpenSpace(Caller By, GroupId Group, string? Name, AllowedSpace Limits) : IRequest<Answer<SpaceReply>>, IAsked, ISpaceWish;

/// <summary>An administrator says anew what a space is called and may hold: what is not named is no limit any more.</summary>
public sealed record ChangeSpace(Caller By, GroupId Group, string? Name, AllowedSpace Limits) : IRequest<Answer<SpaceReply>>, IAsked, ISpaceWish;

/// <summary>An administrator closes a space in which nothing is.</summary>
public sealed record CloseSpace(Caller By, GroupId Group) : IRequest<Answer<Done>>, IAsked;

/// <summary>The space of one of the caller's groups.</summary>
public sealed record ReadSpace(Caller By, GroupId Group) : IRequest<Answer<SpaceReply>>, IAsked;

/// <summary>The spaces of all groups that the caller is in.</summary>
public sealed record ListSpaces(Caller By) : IRequest<Answer<Page<SpaceReply>>>, IAsked;

/// <summary>An administrator looks which groups there are, and how much is in their spaces, the oldest group first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListAllGroups(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<GroupOverview>>>, IAsked;

/// <summary>A group's space: storage that is nobody's own, with limits of its own. All figures are exact.</summary>
/// <param name="GroupId">Whose space it is.</param>
/// <param name="FolderId">Its root folder: what is put there, and below, is in the space.</param>
/// <param name="Name">What the root folder is called.</param>
/// <param name="GroupName">What the group is called.</param>
/// <param name="IsManager">The caller counts as the owner of all that is in it.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="LimitBytes">What it may hold.</param>
/// <param name="UsedBytes">What is stored for its files, versions and trash included; the same bytes once.</param>
/// <param name="ReservedBytes">What is set aside for uploads in flight.</param>
/// <param name="Files">How many files are in it, trashed ones included.</param>
/// <param name="WarnedPercent">How much of the limit is used, as far as there is a warning of it: 0, 80 or 95 percent.</param>
/// <param name="SoftLimitBytes">May be exceeded for two weeks; null for none.</param>
/// <param name="GraceUntil">Above the soft limit: from then on nothing is added until there is less.</param>
/// <param name="MaxFiles">How many files there may be, trashed ones included; null for any number.</param>
/// <param name="MaxFileBytes">How large one file may be; null for any size.</param>
public sealed record SpaceReply(
    GroupId GroupId, FolderId FolderId, string Name, string GroupName, bool IsManager, DateTimeOffset OpenedAt, long LimitBytes,
    long UsedBytes, long ReservedBytes, int Files, int WarnedPercent, long? SoftLimitBytes, DateTimeOffset? GraceUntil, int? MaxFiles,
    long? MaxFileBytes);

/// <summary>A group, as administrators see it: who is in it is not told.</summary>
/// <param name="Id">The group's id.</param>
/// <param name="Name">As its owner gave it.</param>
/// <param name="OwnerEmail">The address of whoever made it; null when they are gone.</param>
/// <param name="Members">How many accounts and groups are in it, its owner included.</param>
/// <param name="IsLeft">Nobody is there any more who manages it: administrators take in whom they choose.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Space">Its space; null for none.</param>
public sealed record GroupOverview(
    GroupId Id, string Name, string? OwnerEmail, int Members, bool IsLeft, DateTimeOffset CreatedAt, SpaceReply? Space);

/// <summary>What somebody wants a space to be.</summary>
internal interface ISpaceWish
{
    string? Name { get; }

    AllowedSpace Limits { get; }
}

internal abstract class SpaceWishShape<TAsk> : AbstractValidator<TAsk>
    where TAsk : ISpaceWish
{
    protected SpaceWishShape()
    {
        RuleFor(ask => ask.Name).Custom((name, shape) =>
        {
            if (EntryName.Problem(name) is { } problem)
                shape.AddFailure(problem);
        });
        RuleFor(ask => ask.Limits.LimitBytes).InclusiveBetween(0, 1L << 60).OverridePropertyName("limitBytes");
        RuleFor(ask => ask.Limits.SoftLimitBytes).InclusiveBetween(0, 1L << 60).OverridePropertyName("softLimitBytes");
        RuleFor(ask => ask.Limits.MaxFiles).InclusiveBetween(0, int.MaxValue).OverridePropertyName("maxFiles");
        RuleFor(ask => ask.Limits.MaxFileBytes).InclusiveBetween(0, 1L << 60).OverridePropertyName("maxFileBytes");
    }
}

internal sealed class OpenSpaceShape : SpaceWishShape<OpenSpace>;

internal sealed class ChangeSpaceShape : SpaceWishShape<ChangeSpace>;

internal sealed class ListAllGroupsShape : AbstractValidator<ListAllGroups>
{
    public ListAllGroupsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
