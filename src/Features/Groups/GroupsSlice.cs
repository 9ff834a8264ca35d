using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Groups;

/// <summary>Lets people be given something together, and have a space together that is nobody's own.</summary>
public static class GroupsSlice
{
    public static Slice Define() => new Slice("groups")
        .Serves(GroupsEndpoint.Map)
        .Serves(SpaceEndpoint.Map)
        .Answers<CreateGroup, GroupReply, GroupsHandler, CreateGroupShape>()
        .Answers<ReadGroup, GroupReply, GroupsHandler>()
        .Answers<ListGroups, Page<GroupSummary>, GroupsHandler, ListGroupsShape>()
        .Answers<RenameGroup, GroupReply, GroupsHandler, RenameGroupShape>()
        .Answers<AdmitMember, GroupReply, GroupsHandler, AdmitMemberShape>()
        .Answers<DismissMember, Done, GroupsHandler>()
        .Answers<DeleteGroup, Done, GroupsHandler>()
        .Answers<OpenSpace, SpaceReply, SpaceHandler, OpenSpaceShape>()
        .Answers<ChangeSpace, SpaceReply, SpaceHandler, ChangeSpaceShape>()
        .Answers<CloseSpace, Done, SpaceHandler>()
        .Answers<ReadSpace, SpaceReply, SpaceHandler>()
        .Answers<ListSpaces, Page<SpaceReply>, SpaceHandler>()
        .Answers<ListAllGroups, Page<GroupOverview>, SpaceHandler, ListAllGroupsShape>()
        .Stores<GroupsEvent.Created>("groups.created.v1")
        .Stores<GroupsEvent.Renamed>("groups.renamed.v1")
        .Stores<GroupsEvent.Admitted>("groups.admitted.v1")
        .Stores<GroupsEvent.Left>("groups.left.v1")
        .Stores<GroupsEvent.Nested>("groups.nested.v1")
        .Stores<GroupsEvent.Unnested>("groups.unnested.v1")
        .Stores<GroupsEvent.Deleted>("groups.deleted.v1")
        .Stores<SpaceEvent.Opened>("groups.space-opened.v1")
        .Stores<SpaceEvent.Renamed>("groups.space-renamed.v1")
        .Stores<SpaceEvent.Closed>("groups.space-closed.v1")
        .TellsOfFolder(folder => SpaceDecider.StreamOf(new AccountId(folder.Value)).Name)
        .Shows(GroupsProjection.Define())
        .Shows(SpaceProjection.Define())
        .Archives<GroupsEvent.Deleted>((_, happened) => happened.Stream.Name, GroupsDecider.Decider.Until(group => !group.Exists))
        .Offers<IGroups, GroupRegister>()
        .Offers<IPersonalRecords, GroupRecords>()
        .Offers<IAcquaintances, FellowMembers>()
        .Needs(all => all.AddSingleton<SpaceClosing>().AddSingleton<GroupKeepers>());
}
