using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What somebody may be about to do.</summary>
internal enum Deed
{
    SignIn, OpenPage, Refresh, SignOut, EndSession, EndOthers, ChangePassword, RenameMe, ChangeAvatar,
    ConfirmAddress, ChangeAddress, ResetPassword, Invite, ComeByProvider, UseFactor, UsePasskey, UseToken, OpenService, Disable, Appoint, Erase,
    MakeFolder, ChangeFolder, DeleteFolder, CopyFolder, CancelCopy, Bulk, SelectArchive, Export, Mark, Tag, TrashFolder,
    Upload, SlowUpload, BeginUpload, ContinueUpload, CancelUpload, Overtake,
    BeginOpenUpload, BeginPart, Join, BringParts,
    ChangeFile, CopyFile, Trash, Restore, Delete, EmptyTrash, Process, Watermark,
    AddVersion, RestoreVersion, LabelVersion, DeleteVersion,
    Share, ShareFolder, Unshare, Lapse, MakeLink, VisitLink, RevokeLink, OpenInbox, BringFile, CloseInbox, HandOver, MakeGroup, Gather, EndGroup, UseSpace,
    NameAuditor, Audit, PlaceHold, LiftHold, SetRetention, RemoveRetention,
    SetLimit, LoseBytes, Leap, Look,
}

/// <summary>
/// One thing that somebody does. Whom and what it concerns is drawn from the seed among whatever there is when its turn
/// comes: so a history without some of its wishes is a history too.
/// </summary>
/// <param name="Lane">The wishes of a lane follow each other; the lanes run at once.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Wish(Deed Deed, int Lane, int Seed)
{
    public override string ToString() => $"{Deed} {Seed} (lane {Lane})";
}

/// <summary>What a few people do by chance with the whole product, the same for the same seed.</summary>
internal sealed record History(int Seed, ImmutableArray<Wish> Wishes)
{
    private const int Lanes = 2;

    // Something to begin with: what comes after has something to be about.
    private static readonly Deed[] First = [Deed.Upload, Deed.MakeFolder, Deed.Upload, Deed.MakeFolder];

    // A history dwells on one theme: what takes several deeds in a row would seldom come about else.
    private static readonly (Deed Deed, int Weight)[][] Themes =
    [
        [
            (Deed.SignIn, 1), (Deed.OpenPage, 1), (Deed.Refresh, 3), (Deed.SignOut, 1), (Deed.EndSession, 1),
            (Deed.EndOthers, 1), (Deed.ChangePassword, 1), (Deed.RenameMe, 1), (Deed.ChangeAvatar, 2), (Deed.SetLimit, 5),
            (Deed.NameAuditor, 1), (Deed.ConfirmAddress, 2), (Deed.ChangeAddress, 1), (Deed.ResetPassword, 1), (Deed.Invite, 2),
            (Deed.ComeByProvider, 1), (Deed.UseFactor, 2), (Deed.UsePasskey, 2), (Deed.UseToken, 1), (Deed.OpenService, 1), (Deed.Disable, 1),
            (Deed.Appoint, 1), (Deed.Erase, 1), (Deed.Audit, 1),
        ],
        [
            (Deed.MakeFolder, 4), (Deed.ChangeFolder, 5), (Deed.DeleteFolder, 2), (Deed.CopyFolder, 3), (Deed.CancelCopy, 1),
            (Deed.TrashFolder, 8), (Deed.Bulk, 2), (Deed.SelectArchive, 2), (Deed.Export, 3), (Deed.ChangeFile, 8), (Deed.CopyFile, 3), (Deed.Trash, 5),
            (Deed.Restore, 4), (Deed.Delete, 2), (Deed.EmptyTrash, 1), (Deed.PlaceHold, 2), (Deed.LiftHold, 4),
            (Deed.SetRetention, 2), (Deed.RemoveRetention, 2),
        ],
        [
            (Deed.Upload, 10), (Deed.SlowUpload, 2), (Deed.BeginUpload, 5), (Deed.ContinueUpload, 8), (Deed.CancelUpload, 1),
            (Deed.Overtake, 1), (Deed.BeginOpenUpload, 3), (Deed.BeginPart, 4), (Deed.Join, 9), (Deed.BringParts, 4), (Deed.Process, 3), (Deed.Watermark, 1), (Deed.LoseBytes, 1),
            (Deed.AddVersion, 5), (Deed.RestoreVersion, 7), (Deed.LabelVersion, 3), (Deed.DeleteVersion, 8),
        ],
        [
            (Deed.Share, 7), (Deed.ShareFolder, 6), (Deed.Unshare, 7), (Deed.MakeLink, 4), (Deed.VisitLink, 7), (Deed.RevokeLink, 2),
            (Deed.OpenInbox, 3), (Deed.BringFile, 5), (Deed.CloseInbox, 2), (Deed.HandOver, 7),
            (Deed.MakeGroup, 5), (Deed.Gather, 13), (Deed.EndGroup, 1), (Deed.UseSpace, 5),
        ],
        [(Deed.Look, 6), (Deed.Leap, 2), (Deed.Mark, 6), (Deed.Tag, 7)],
    ];

    public static History Of(int seed, int length)
    {
        var chance = new Random(seed);
        (Deed Deed, int Weight)[] weights =
        [
            .. Themes.SelectMany((theme, number) =>
                theme.Select(one => (one.Deed, one.Weight * (number == seed % Themes.Length ? 4 : 1)))),
        ];
        var total = weights.Sum(one => one.Weight);
        // What takes time comes last: chance alone would seldom come back to it.
        return new History(seed, [.. Enumerable.Range(0, length).Select(at =>
            new Wish(at < First.Length ? First[at] : at == length - 1 ? Deed.Lapse : Any(), chance.Next(Lanes), chance.Next(1_000_000)))]);

        Deed Any()
        {
            var at = chance.Next(total);
            return weights.First(one => (at -= one.Weight) < 0).Deed;
        }
    }
}
