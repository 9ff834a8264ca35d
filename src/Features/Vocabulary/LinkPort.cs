using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace EventFiles.Features.Vocabulary;

/// <summary>What somebody who opens a link brings along.</summary>
/// <param name="Token">From the URL.</param>
/// <param name="Password">From the header, if any.</param>
/// <param name="Address">Where the request comes from, as far as guessing is counted.</param>
public sealed record LinkVisit(string Token, string? Password, string Address)
{
    /// <summary>The header in which whoever opens a link sends its password.</summary>
    public const string PasswordHeader = "Link-Password";

    public static LinkVisit Of(string token, string? password, HttpRequest request) =>
        new(token, password, Network(request.HttpContext.Connection.RemoteIpAddress));

    // Whoever has one IPv6 address has the whole /64 around it.
    internal static string Network(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4().ToString();
        return address.AddressFamily is AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}

/// <summary>
/// Links by which anybody brings files into a folder and learns nothing of what is in it. Implemented by the Share slice.
/// </summary>
public interface IInboxes
{
    /// <summary>Lets in whoever has the link's token, and its password if it asks for one.</summary>
    Task<Answer<OpenInbox>> Enter(LinkVisit visit, CancellationToken cancel);

    /// <summary>Whether files may still be brought: the link may have been taken back or used up since somebody was let in.</summary>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Ask(OpenInbox inbox, CancellationToken cancel);

    /// <summary>
    /// Counts a file that was brought, in the transaction that makes it one: which fails when the link was taken back or used
    /// up meanwhile.
    /// </summary>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Receive(ITransaction transaction, OpenInbox inbox, FileId file);
}

/// <summary>Leave to bring a file by a link.</summary>
/// <param name="Owner">Whose folder it is, and whose space is taken up.</param>
/// <param name="MaxFileBytes">The largest file that the link takes; null for whatever the server takes.</param>
/// <param name="EnteredAt">What was begun in the link's time may end after it.</param>
public sealed record OpenInbox(LinkId Link, FolderId Folder, AccountId Owner, long? MaxFileBytes, DateTimeOffset EnteredAt);

/// <summary>What links refuse, whatever they are for.</summary>
public static class LinkRejection
{
    public static readonly Rejection NoSuchLink = new(
        "share.no-such-link", RejectionKind.Missing, "There is no such link.");

    public static readonly Rejection Ended = new(
        "share.link-ended", RejectionKind.Gone, "The link's time is over, or it was used as often as it is good for.");

    public static readonly Rejection PasswordNeeded = new(
        "share.link-password-needed", RejectionKind.Unauthenticated, "The link asks for a password, in the Link-Password header.");

    public static readonly Rejection PasswordWrong = new(
        "share.link-password-wrong", RejectionKind.Unauthenticated, "That is not the link's password.");

    public static readonly Rejection TooManyTries = new(
        "share.link-too-many-tries", RejectionKind.Busy, "Too many wrong passwords for this link; try again later.");

    public static readonly Rejection ForUploads = new(
        "share.link-for-uploads", RejectionKind.Forbidden, "The link is for bringing files: nothing can be read by it.");

    public static readonly Rejection NotForUploads = new(
        "share.link-not-for-uploads", RejectionKind.Forbidden, "The link is for reading a file: nothing can be brought by it.");

    public static readonly Rejection Infected = new(
        "share.file-infected", RejectionKind.Forbidden, "The virus scanner found something in this file.");

    public static readonly Rejection NoThumbnail = new(
        "share.no-thumbnail", RejectionKind.Missing, "There is no thumbnail of this file.");

    /// <summary>Those of whoever comes to a link, whatever for.</summary>
    public static readonly Rejection[] AtTheDoor = [NoSuchLink, Ended, PasswordNeeded, PasswordWrong, TooManyTries];
}
