using System.Globalization;

namespace EventFiles.Features.Folders;

/// <summary>Makes one list of two: a folder's folders, then its files. A page costs a page, or two where they meet.</summary>
internal static class ChildrenPages
{
    // A cursor begins with the part of the list that goes on.
    private const char InFolders = 'd';
    private const char InFiles = 'f';

    // Where the files begin, in a list of the past: with the position that the list is of.
    private const char Begin = '@';

    /// <summary>Reads a part of a list from a place in it; null for its beginning.</summary>
    internal delegate Task<Answer<Page<Entry>>> Part(bool ofFolders, string? cursor, int limit);

    /// <summary>One page of both parts.</summary>
    /// <exception cref="BadCursorException">The cursor is not one of ours.</exception>
    public static async Task<Answer<Page<EntryView>>> Read(string? cursor, int limit, Part part)
    {
        if (cursor is [InFiles, ..])
            return Shown(await part(false, cursor is [_] or [_, Begin, ..] ? null : cursor[1..], limit), InFiles);
        if (cursor is not (null or [InFolders, _, ..]))
            throw new BadCursorException();

        var first = await part(true, cursor?[1..], limit);
        if (first is not Answer<Page<Entry>>.Yes(var folders, var position) || folders.NextCursor is not null)
            return Shown(first, InFolders);
        // A full page is followed by another only if there is something on it.
        var isFull = folders.Items.Count == limit;
        var second = await part(false, null, isFull ? 1 : limit - folders.Items.Count);
        if (second is not Answer<Page<Entry>>.Yes(var files, _))
            return second.Refusal!;
        var next = isFull ? (files.Items.Count > 0 ? Start(position) : null) : Next(files, InFiles);
        return new Answer<Page<EntryView>>.Yes(
            new([.. (isFull ? folders.Items : folders.Items.Concat(files.Items)).Select(entry => entry.ToView())], next), position);
    }

    /// <summary>The position at which a list of the past went over to its files, when that is where the cursor goes on.</summary>
    public static string? PositionOf(string? cursor) => cursor is [InFiles, Begin, .. var position] ? position : null;

    private static Answer<Page<EntryView>> Shown(Answer<Page<Entry>> answer, char part) =>
        answer.Map(page => new Page<EntryView>([.. page.Items.Select(entry => entry.ToView())], Next(page, part)));

    private static string? Next(Page<Entry> page, char part) => page.NextCursor is { } next ? part + next : null;

    private static string Start(long position) =>
        position == 0 ? InFiles.ToString() : string.Create(CultureInfo.InvariantCulture, $"{InFiles}{Begin}{position}");
}
