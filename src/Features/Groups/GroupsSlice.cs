namespace EventFiles.Features.Groups;

/// <summary>Lets people be given something together.</summary>
public static class GroupsSlice
{
    public static Slice Define() => new Slice("groups")
        .Serves(GroupsEndpoint.Map)
        .Answers<CreateGroup, GroupReply, GroupsHandler, CreateGroupShape>()
        .Answers<ReadGroup, GroupReply, GroupsHandler>()
        .Answers<ListGroups, Page<GroupSummary>, GroupsHandler, ListGroupsShape>()
        .Answers<RenameGroup, GroupReply, GroupsHandler, RenameGroupShape>()
        .Answers<AdmitMember, GroupReply, GroupsHandler, AdmitMemberShape>()
        .Answers<DismissMember, Done, GroupsHandler>()
        .Answers<DeleteGroup, Done, GroupsHandler>()
        .Stores<GroupsEvent.Created>("groups.created.v1")
        .Stores<GroupsEvent.Renamed>("groups.renamed.v1")
        .Stores<GroupsEvent.Admitted>("groups.admitted.v1")
        .Stores<GroupsEvent.Left>("groups.left.v1")
        .Stores<GroupsEvent.Nested>("groups.nested.v1")
        .Stores<GroupsEvent.Unnested>("groups.unnested.v1")
        .Stores<GroupsEvent.Deleted>("groups.deleted.v1")
        .Shows(GroupsProjection.Define())
        .Archives<GroupsEvent.Deleted>((_, happened) => happened.Stream.Name, GroupsDecider.Decider.Until(group => !group.Exists))
        .Offers<IGroups, GroupRegister>()
        .Offers<IPersonalRecords, GroupRecords>();
}
