using System.Buffers.Text;
using System.Globalization;
using System.Text;
using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Search.SearchRejection;

namespace EventFiles.Features.Search;

/// <summary>
/// Finds files. The index proposes, the rules decide: each hit is asked for as any file is, so that what was revoked a moment
/// ago is not found, and a page is filled with what may be read.
/// </summary>
internal sealed class SearchHandler(
    ISearchIndex index, IAccess access, IFolderAccess folderAccess, IScans scans, IFiles files, IFolders folders, ITags tags, IGroups groups) :
    IRequestHandler<SearchFiles, Answer<Page<FoundFile>>>
{
    private const int MostFolders = 1000;

    public async Task<Answer<Page<FoundFile>>> Handle(SearchFiles ask, CancellationToken cancellationToken)
    {
        var after = ask.Cursor is { } cursor ? FromCursor(cursor) : null;
        var terms = SearchWords.Read(ask.Text);
        IReadOnlyList<FolderId>? within = null;
        if (ask.Folder is { } folder)
        {
            if ((await folderAccess.Ask(ask.By, folder, FolderAction.Read, cancellationToken)).Refusal is { } no)
                return no;
            if (await Below(folder, cancellationToken) is not { } all)
                return No.TooManyFolders;
            within = all;
        }

        var own = await tags.Of(ask.By.Account, cancellationToken);
        if (ask.Tag is { } tag && !own.ContainsKey(tag))
            return No.NoSuchTag;
        // Only what leaves things out finds nothing: it would be everything else.
        if (terms.Count == 0 ? ask.Text.Trim().Length > 0 : terms.All(term => term.IsExcluded))
            return new Page<FoundFile>([], null);
        var query = new SearchQuery(
            ask.By.Account, await groups.Of(ask.By.Account, cancellationToken), terms, Fitting(own, terms))
        {
            Type = ask.Type?.ToLowerInvariant(),
            MinBytes = ask.MinBytes,
            MaxBytes = ask.MaxBytes,
            ModifiedFrom = ask.From?.ToUniversalTime(),
            ModifiedBefore = ask.To?.ToUniversalTime(),
            Folders = within,
            Owner = ask.Owner,
            Tag = ask.Tag,
            IsTrashed = ask.IsTrashed,
        };
        var found = new List<FoundFile>();
        // A page's end is one that was shown: what was not would be named by the cursor.
        var shown = default(SearchHit);
        while (true)
        {
            // One more than wanted tells whether another page follows.
            var wanted = ask.Limit - found.Count + 1;
            var hits = await index.Find(query, after, wanted, cancellationToken);
            foreach (var hit in hits)
            {
                if (await Open(ask, query, hit, cancellationToken) is not { } one)
                {
                    after = hit;
                    continue;
                }

                if (found.Count == ask.Limit)
                    return new Page<FoundFile>(found, ToCursor(shown!));
                found.Add(one);
                after = shown = hit;
            }

            if (hits.Count < wanted)
                return new Page<FoundFile>(found, null);
        }
    }

    private async Task<FoundFile?> Open(SearchFiles ask, SearchQuery query, SearchHit hit, CancellationToken cancel)
    {
        if (await access.Ask(ask.By, hit.File, FileAction.Read, cancel) is not Answer<FileAccess>.Yes({ IsDeleted: false } may, _)
            || may.IsTrashed != ask.IsTrashed
            || await files.Find(hit.File, cancel) is not { Version: > 0 } file)
            return null;
        var isShared = may.Owner != ask.By.Account;
        // Of bytes that are closed to the reader nothing is told, not even that a word is in them.
        var isOpen = (await scans.Of(hit.File, file.Version, cancel)).ToReader(isOwner: !isShared) is null;
        var marks = SearchMarks.In(file.Name, query.Terms, index.IsStemming);
        if (!isOpen && query.Terms.Any(term => !term.IsExcluded && SearchMarks.In(file.Name, [term], index.IsStemming).Count == 0))
            return null;
        return new FoundFile(
            // Where another's file lies, and what it stands beside, is that other's affair.
            file, isShared, marks,
            isOpen && query.Terms.Count > 0 && await index.TextOf(hit.File, cancel) is { } text ? SearchMarks.Snippet(text, query.Terms, index.IsStemming) : null);
    }

    // A tag stands for its files when its name has all that is looked for.
    private static List<TagId> Fitting(IReadOnlyDictionary<TagId, string> own, IReadOnlyList<SearchTerm> terms)
    {
        if (terms.Count == 0 || terms.Any(term => term.IsExcluded))
            return [];
        return [.. own.Where(tag => terms.All(term => SearchMarks.In(tag.Value, [term], isStemming: false).Count >= term.Words.Count)).Select(tag => tag.Key)];
    }

    // Folders stand before files in each list: it is read as far as they go.
    private async Task<IReadOnlyList<FolderId>?> Below(FolderId top, CancellationToken cancel)
    {
        var all = new List<FolderId> { top };
        for (var at = 0; at < all.Count; at++)
        {
            string? cursor = null;
            do
            {
                var page = await folders.Children(all[at], cursor, 1000, cancel);
                all.AddRange(page.Items.Where(child => child.IsFolder).Select(child => new FolderId(child.Id)));
                if (all.Count > MostFolders)
                    return null;
                cursor = page.Items.Any(child => !child.IsFolder) ? null : page.NextCursor;
            }
            while (cursor is not null);
        }

        return all;
    }

    private static string ToCursor(SearchHit hit) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{hit.Rank:R}:{hit.File}")));

    private static SearchHit FromCursor(string cursor)
    {
        if (cursor.Length > 200 || !Base64Url.IsValid(cursor)
            || Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)).Split(':') is not [var rank, var file]
            || !float.TryParse(rank, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !float.IsFinite(number)
            || !Guid.TryParseExact(file, "D", out var id))
            throw new BadCursorException();
        return new SearchHit(new FileId(id), number);
    }
}

/// <summary>What search refuses.</summary>
public static class SearchRejection
{
    public static readonly Rejection TooManyFolders = new(
        "search.too-many-folders", RejectionKind.Invalid, "There are more than 1000 folders below this one: search in one of them.");

    public static readonly Rejection NoSuchTag = new("search.no-such-tag", RejectionKind.Missing, "You have no such tag.");
}
