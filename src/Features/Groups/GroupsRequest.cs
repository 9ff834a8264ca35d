using FluentValidation;
using MediatR;

namespace EventFiles.Features.Groups;

/// <summary>Makes a group, with its owner alone in it.</summary>
public sealed record CreateGroup(Caller By, string? Name) : IRequest<Answer<GroupReply>>, IAsked;

/// <summary>One group that the caller is in.</summary>
public sealed record ReadGroup(Caller By, GroupId Group) : IRequest<Answer<GroupReply>>, IAsked;

/// <summary>The groups that the caller is in, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListGroups(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<GroupSummary>>>, IAsked;

/// <summary>Gives a group another name.</summary>
public sealed record RenameGroup(Caller By, GroupId Group, string? Name) : IRequest<Answer<GroupReply>>, IAsked;

/// <summary>Takes an account or a group into a group, or changes what an account is there.</summary>
/// <param name="Member">An e-mail address, an account id or a group id, as it was typed.</param>
public sealed record AdmitMember(Caller By, GroupId Group, string? Member, bool IsManager) : IRequest<Answer<GroupReply>>, IAsked;

/// <summary>Takes an account or a group out of a group; everybody may leave.</summary>
/// <param name="Member">An account's or a group's id.</param>
public sealed record DismissMember(Caller By, GroupId Group, Guid Member) : IRequest<Answer<Done>>, IAsked;

/// <summary>Ends a group. What it was given counts for nobody any more.</summary>
public sealed record DeleteGroup(Caller By, GroupId Group) : IRequest<Answer<Done>>, IAsked;

/// <summary>A group, in a list.</summary>
/// <param name="Id">The group's id; something can be shared with it.</param>
/// <param name="Name">As its owner gave it.</param>
/// <param name="IsOwner">It is the caller's own.</param>
/// <param name="IsManager">The caller may change who is in it.</param>
/// <param name="Members">How many accounts and groups are in it, its owner included.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record GroupSummary(
    GroupId Id, string Name, bool IsOwner, bool IsManager, int Members, DateTimeOffset CreatedAt);

/// <summary>A group, with who is in it.</summary>
/// <param name="Id">The group's id; something can be shared with it.</param>
/// <param name="Name">As its owner gave it.</param>
/// <param name="IsOwner">It is the caller's own.</param>
/// <param name="IsManager">The caller may change who is in it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Members">Its owner first, then the others, then the groups in it.</param>
public sealed record GroupReply(
    GroupId Id, string Name, bool IsOwner, bool IsManager, DateTimeOffset CreatedAt, IReadOnlyList<MemberReply> Members);

/// <summary>Who is in a group.</summary>
/// <param name="Id">An account's or a group's id.</param>
/// <param name="Email">An account's address; null for a group, and when the account is gone.</param>
/// <param name="Name">What they are called; null when they are gone.</param>
/// <param name="Role">owner, manager, member or group.</param>
public sealed record MemberReply(Guid Id, string? Email, string? Name, string Role)
{
    /// <summary>An account's picture, at <c>/api/people/{id}/avatar</c>; null for none.</summary>
    public AvatarId? Avatar { get; init; }
}

internal sealed class CreateGroupShape : AbstractValidator<CreateGroup>
{
    public CreateGroupShape() => RuleFor(ask => ask.Name).Names();
}

internal sealed class RenameGroupShape : AbstractValidator<RenameGroup>
{
    public RenameGroupShape() => RuleFor(ask => ask.Name).Names();
}

internal sealed class AdmitMemberShape : AbstractValidator<AdmitMember>
{
    // 320 is the longest e-mail address there can be.
    public AdmitMemberShape() => RuleFor(ask => ask.Member).NotEmpty().MaximumLength(320);
}

internal sealed class ListGroupsShape : AbstractValidator<ListGroups>
{
    public ListGroupsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal static class GroupNameShape
{
    public static void Names<TAsk>(this IRuleBuilder<TAsk, string?> rule) => rule.Custom((name, shape) =>
    {
        if (GroupsDecider.Problem(name) is { } problem)
            shape.AddFailure(problem);
    });
}
