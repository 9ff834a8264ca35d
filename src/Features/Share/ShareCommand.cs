namespace EventFiles.Features.Share;

public abstract record ShareCommand
{
    private ShareCommand() { }

    /// <summary>Lets an account use the file, or changes what it may.</summary>
    /// <param name="Share">The id of the grant, should it be a new one.</param>
    public sealed record Grant(
        FileId File, AccountId Owner, ShareId Share, AccountId Grantee, ShareRole Role, DateTimeOffset? Until) : ShareCommand;

    public sealed record Revoke(FileId File, ShareId Share) : ShareCommand;

    public sealed record End(FileId File, ShareId Share) : ShareCommand;

    public sealed record Close(FileId File) : ShareCommand;
}
