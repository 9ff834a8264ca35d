namespace EventFiles.Features.Share;

public abstract record LinkCommand
{
    private LinkCommand() { }

    /// <summary>Its file is another account's, and so is the link.</summary>
    public sealed record PassOn : LinkCommand;

    public sealed record Create(
        FileId File, LinkId Link, string TokenDigest, bool HasPassword, LinkRole Role, DateTimeOffset? Until,
        int? MaxDownloads) : LinkCommand;

    /// <summary>A download from the first byte on.</summary>
    public sealed record Use : LinkCommand;

    /// <summary>More of a download that broke off.</summary>
    public sealed record Continue : LinkCommand;

    public sealed record Revoke : LinkCommand;
}
