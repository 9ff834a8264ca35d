namespace EventFiles.Infrastructure.Encryption;

/// <summary>Rows in one table that tell of somebody or something.</summary>
/// <param name="Name">A word for it in receipts.</param>
/// <param name="Whose">Which rows, in SQL. Of a person: <c>$1</c> is the account. Of a file: <c>$1</c> is the file, <c>$2</c> its owner.</param>
internal sealed record TracePlace(string Name, string Table, string Whose);

/// <summary>
/// Every place beside the log in which something of a person or of a file lies. The places are named here and nowhere else: a
/// new table with something of a person in it gets a row here, and <c>Every_table_that_knows_whose_a_row_is_is_looked_at</c>
/// sees to it.
/// </summary>
internal static class TracePlaces
{
    // The one that they accepted, and those that went to their address with an offer, accepted or not.
    private const string Invitations =
        """
        select stream_id from public.mt_events where type = 'accounts.invitation-accepted.v1' and data ->> 'account' = $1::text
        union select 'invitation-' || (data ->> 'share') from public.mt_events
        where type = 'share.offer-taken.v1' and data ->> 'account' = $1::text
        """;

    private const string Offers =
        """
        select offered.seq_id from public.mt_events taken
        join public.mt_events offered on offered.stream_id = taken.stream_id and offered.data ->> 'share' = taken.data ->> 'share'
        where taken.type = 'share.offer-taken.v1' and taken.data ->> 'account' = $1::text and offered.type = 'share.offered.v1'
        """;

    /// <summary>
    /// Events of others' streams that hold the words of whoever did it, and nothing else that is personal: they go with who
    /// wrote them, or with whose the stream is.
    /// </summary>
    internal static readonly IReadOnlyList<string> WordsOfActors = ["hold.placed.v1", "hold.lifted.v1", "scan.released.v1"];

    private static readonly string Words =
        $"from public.mt_events where type in ({string.Join(", ", WordsOfActors.Select(type => $"'{type}'"))}) and data ->> 'by' = $1::text";

    private const string HandedOver = "type in ('files.handed-over.v1', 'folders.handed-over.v1')";
    private const string Entry = "coalesce(data ->> 'file', data ->> 'folder')";

    // Files and folders that were the person's and are another's by now.
    private const string Given =
        $"""
        select {Entry} from public.mt_events handed where {HandedOver} and data ->> 'from' = $1::text and not exists (
            select from public.mt_events later where later.stream_id = handed.stream_id and later.type = handed.type
                and later.version > handed.version and later.data ->> 'to' = $1::text)
        """;

    // And those that are the person's by now and were another's.
    private const string Received =
        $"""
        select {Entry} from public.mt_events handed where {HandedOver} and data ->> 'to' = $1::text and not exists (
            select from public.mt_events later where later.stream_id = handed.stream_id and later.type = handed.type
                and later.version > handed.version and later.data ->> 'from' = $1::text)
        """;

    // What is a person's goes with all that was told of it, also while it was another's.
    private const string ToldBefore =
        $"""
        with former as (
            select distinct {Entry} as entry, data ->> 'from' as owner from public.mt_events where {HandedOver} and {Entry} in ({Received}))
        select told.seq_id from public.mt_events told
        join former on told.tenant_id = former.owner and substr(told.stream_id, strpos(told.stream_id, '-') + 1, 36) = former.entry
        union select told.seq_id from former
        join public.mt_events named on named.stream_id = 'upload-' || former.entry and named.data ? 'upload'
        join public.mt_events told on told.tenant_id = former.owner and told.stream_id = 'upload-' || (named.data ->> 'upload')
        where not exists (
            select from public.mt_events other where other.stream_id = told.stream_id
                and other.type = 'upload.completed.v1' and other.data ->> 'file' <> former.entry)
        """;

    // Uploads that were begun for it and became another file's version, as long as they are not told of there.
    private const string GoneElsewhere =
        "select data ->> 'upload' from public.mt_events where stream_id = 'upload-' || $1::text and type = 'upload.redirected.v1' and data ->> 'into' <> $1::text";

    // Whose it is and was.
    private const string Owners =
        "select tenant_id from public.mt_events where stream_id in ('file-' || $1::text, 'upload-' || $1::text) union select $2::text";

    // Those that became its versions, and where they were begun.
    private const string ComeFromElsewhere =
        $"""
        select begun.seq_id from public.mt_events moved
        join public.mt_events begun on begun.stream_id = moved.stream_id and begun.data ->> 'upload' = moved.data ->> 'upload'
        where moved.tenant_id in ({Owners}) and moved.type = 'upload.redirected.v1' and moved.data ->> 'into' = $1::text
        """;

    // What it was put together of; whoever may write into it brought them.
    private const string Parts =
        """
        select part from public.mt_events, jsonb_array_elements_text(data -> 'parts') part
        where stream_id = 'upload-' || $1::text and type = 'upload.assembled.v1'
        """;

    // Every stream with its id in its name; and those of the uploads that became versions of it, but no other file's.
    private const string Streams =
        $"""
        select id from public.mt_streams where tenant_id in ({Owners}) and position($1::text in id) > 0
        union select 'upload-' || (data ->> 'upload') from public.mt_events named
        where stream_id = 'upload-' || $1::text and data ? 'upload' and not exists (
            select from public.mt_events other where other.stream_id = 'upload-' || (named.data ->> 'upload')
                and other.type = 'upload.completed.v1' and other.data ->> 'file' <> $1::text)
        """;

    /// <summary>The streams that tell of a person, their own and others'.</summary>
    public static readonly string StreamsOfPerson =
        $"""
        select id from public.mt_streams where tenant_id = $1::text union {Invitations} union select stream_id {Words}
        union select stream_id from public.mt_events where tenant_id = $1::text or seq_id in ({ToldBefore})
        union select stream_id from public.mt_events where type = 'share.offer-taken.v1' and data ->> 'account' = $1::text
        """;

    /// <summary>The streams that tell of a file.</summary>
    public const string StreamsOfFile = Streams;

    /// <summary>Of a person. That there was a first administrator is no secret and must stay: else the next who registers would be one.</summary>
    public static readonly IReadOnlyList<TracePlace> OfPerson =
    [
        new("private-rows", "eventfiles.event_private", $"tenant_id = $1::text or seq_id in ({ToldBefore})"),
        // Of whoever was invited the inviter's rows tell too.
        new("invitations", "eventfiles.event_private", $"seq_id in (select seq_id from public.mt_events where stream_id in ({Invitations}))"),
        // And of whom something was offered to by address, the rows of who offered it.
        new("offers", "eventfiles.event_private", $"seq_id in ({Offers})"),
        new("reasons", "eventfiles.event_private", $"seq_id in (select seq_id {Words})"),
        // And of whom something was offered to for good, with where that was.
        new("transfers", "eventfiles.event_private",
            """
            seq_id in (
                select told.seq_id from public.mt_events offered
                join public.mt_events told on told.stream_id = offered.stream_id and told.data ->> 'handover' = offered.data ->> 'handover'
                where offered.type = 'handover.offered.v1' and offered.data ->> 'to' = $1::text)
            """),
        new("invitation-snapshots", "eventfiles.snapshots", $"stream_id in ({Invitations})"),
        new("claims", "eventfiles.claims", "tenant_id = $1::text and scope <> 'administrator'"),
        new("passwords", "eventfiles.passwords", $"holder = 'account-' || $1::text or holder like 'letter-%' and substr(holder, 8, 36) in ({Told("letter")})"),
        new("snapshots", "eventfiles.snapshots", $"tenant_id = $1::text or stream_id in (select stream_id from public.mt_events where seq_id in ({ToldBefore}))"),
        new("past-places", "eventfiles.past_places", $"tenant_id = $1::text or key in ({Received}) or group_id in ({Received})"),
        new("past-snapshots", "eventfiles.past_snapshots", $"tenant_id = $1::text or group_id in ({Received})"),
        new("answered-requests", "eventfiles.idempotency_keys", "tenant_id = $1::text"),
        new("dead-letters", "eventfiles.dead_letters", "owner = $1::uuid"),
        new("parked-events", "eventfiles.parked_events", $"stream in (select stream_id from public.mt_events where tenant_id = $1::text) and substr(stream, strpos(stream, '-') + 1, 36) not in ({Given})"),
        new("search-rows", "eventfiles.search_rows", "owner_id = $1::uuid"),
        new("search-texts", "eventfiles.search_texts", "owner_id = $1::uuid"),
        new("search-places", "eventfiles.view_places", $"key in ({Files})"),
        new("search-views", "eventfiles.views", $"key in ({Files})"),
        new("subject-keys", "eventfiles.subject_keys", "subject = $1::uuid"),
    ];

    /// <summary>
    /// Of a file. Its values stand in the private rows of its streams, under its owner's key and those of who owned it before, and go one by one. Answers to
    /// requests with a key cannot be told apart; they are sealed and gone after a day, and the receipt names them.
    /// </summary>
    public static readonly IReadOnlyList<TracePlace> OfFile =
    [
        new("private-rows", "eventfiles.event_private",
            $"""
            tenant_id in ({Owners}) and seq_id in (
                select seq_id from public.mt_events where stream_id in ({Streams}) and coalesce(data ->> 'upload', '') not in ({GoneElsewhere})
                union {ComeFromElsewhere})
            or seq_id in (select seq_id from public.mt_events where stream_id in (select 'upload-' || part from ({Parts}) parts))
            """),
        new("claims", "eventfiles.claims", $"holder = 'file-' || $1::text and tenant_id in ({Owners})"),
        new("passwords", "eventfiles.passwords", $"holder in (select 'link-' || (data ->> 'link') from public.mt_events where stream_id in ({Streams}) and data ? 'link')"),
        new("snapshots", "eventfiles.snapshots", $"tenant_id in ({Owners}) and stream_id in ({Streams})"),
        new("past-places", "eventfiles.past_places", $"tenant_id in ({Owners}) and (position($1::text in key) > 0 or position($1::text in group_id) > 0)"),
        new("past-snapshots", "eventfiles.past_snapshots", $"tenant_id in ({Owners}) and (position($1::text in group_id) > 0 or position($1::text in views::text) > 0)"),
        new("dead-letters", "eventfiles.dead_letters", $"owner::text in ({Owners}) and position($1::text in body) > 0"),
        new("parked-events", "eventfiles.parked_events", $"stream in ({Streams})"),
        new("search-rows", "eventfiles.search_rows", $"file_id = $1::uuid and owner_id::text in ({Owners})"),
        new("search-texts", "eventfiles.search_texts", $"file_id = $1::uuid and owner_id::text in ({Owners})"),
        new("search-places", "eventfiles.view_places", "key = $1::text"),
        new("search-views", "eventfiles.views", "key = $1::text"),
    ];

    /// <summary>The files that a person's events tell of, but for what is another's by now.</summary>
    public static string Files => $"select told.file from ({Told("file")}) told(file) where told.file not in ({Given})";

    /// <summary>The uploads that a person's events tell of, and those by which files were written anew for them.</summary>
    public static string UploadsOfPerson =>
        $"""
        {Told("upload")}
        union select one ->> 'upload' from public.mt_events, jsonb_array_elements(data -> 'versions') one
        where tenant_id = $1::text and type = 'upload.handed-over.v1'
        """;

    /// <summary>Whatever a person's events name so.</summary>
    public static string Told(string field) =>
        $"select data ->> '{field}' from public.mt_events where tenant_id = $1::text and data ? '{field}'";

    /// <summary>The uploads that brought or were to bring a file's versions, and those by which it was written anew for another owner.</summary>
    public const string UploadsOfFile =
        $"""
        select distinct data ->> 'upload' from public.mt_events
        where tenant_id in ({Owners}) and stream_id in ({Streams}) and data ? 'upload' and data ->> 'upload' not in ({GoneElsewhere})
        union select one ->> 'upload' from public.mt_events, jsonb_array_elements(data -> 'versions') one
        where stream_id = 'upload-' || $1::text and type = 'upload.handed-over.v1'
        union select data ->> 'upload' from public.mt_events where type = 'upload.abandoned.v1' and data ->> 'file' = $1::text
        union {Parts}
        union select substr(data ->> 'storedAs', 5) from public.mt_events where stream_id = 'upload-' || $1::text and data ? 'storedAs'
        """;

    /// <summary>The places in which something of a subject lies, and what stands for <c>$1</c> and <c>$2</c>.</summary>
    public static (IReadOnlyList<TracePlace> Places, object[] Arguments) Of(ErasureSubject subject) => subject.File is { } file
        ? (OfFile, [$"{file}", $"{subject.Owner}"])
        : (OfPerson, [$"{subject.Owner}"]);
}
