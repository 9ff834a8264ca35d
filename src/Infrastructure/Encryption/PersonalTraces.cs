using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// What is kept of a person beside the log, in every place that there is. The places are named here and nowhere else: a new
/// table with something of a person in it gets a row here, and <c>Every_table_that_knows_whose_a_row_is_is_looked_at</c>
/// sees to it.
/// </summary>
internal sealed class PersonalTraces(EventPool pool, SubjectKeys keys, DestroyedKeys journal, StateCache memory, IObjects objects) : IPersonalTraces
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

    // Those that the person's events tell of, but for what is another's by now.
    private const string Files =
        """
        select data ->> 'file' from public.mt_events told where tenant_id = $1::text and data ? 'file' and coalesce(
            (select data ->> 'to' from public.mt_events handed where stream_id = 'file-' || (told.data ->> 'file')
                and type = 'files.handed-over.v1' order by version desc limit 1), $1::text) = $1::text
        """;

    // That there was a first administrator is no secret and must stay: else the next who registers would be one.
    private static readonly (string Name, string Table, string Whose)[] Places =
    [
        ("private-rows", "eventfiles.event_private", "tenant_id = $1::text"),
        // Of whoever was invited the inviter's rows tell too.
        ("invitations", "eventfiles.event_private", $"seq_id in (select seq_id from public.mt_events where stream_id in ({Invitations}))"),
        // And of whom something was offered to by address, the rows of who offered it.
        ("offers", "eventfiles.event_private", $"seq_id in ({Offers})"),
        ("transfers", "eventfiles.event_private", "seq_id in (select seq_id from public.mt_events where type = 'handover.offered.v1' and data ->> 'to' = $1::text)"),
        ("invitation-snapshots", "eventfiles.snapshots", $"stream_id in ({Invitations})"),
        ("claims", "eventfiles.claims", "tenant_id = $1::text and scope <> 'administrator'"),
        ("passwords", "eventfiles.passwords", $"holder = 'account-' || $1::text or holder like 'letter-%' and substr(holder, 8, 36) in ({Told("letter")})"),
        ("snapshots", "eventfiles.snapshots", "tenant_id = $1::text"),
        ("past-places", "eventfiles.past_places", "tenant_id = $1::text"),
        ("past-snapshots", "eventfiles.past_snapshots", "tenant_id = $1::text"),
        ("answered-requests", "eventfiles.idempotency_keys", "tenant_id = $1::text"),
        ("dead-letters", "eventfiles.dead_letters", "owner = $1::uuid"),
        ("parked-events", "eventfiles.parked_events", "stream in (select id from public.mt_streams where tenant_id = $1::text)"),
        ("search-rows", "eventfiles.search_rows", "owner_id = $1::uuid"),
        ("search-texts", "eventfiles.search_texts", "owner_id = $1::uuid"),
        ("search-places", "eventfiles.view_places", $"key in ({Files})"),
        ("search-views", "eventfiles.views", $"key in ({Files})"),
        ("subject-keys", "eventfiles.subject_keys", "subject = $1::uuid"),
    ];

    /// <summary>The tables that are looked at.</summary>
    internal static IEnumerable<string> Tables => Places.Select(place => place.Table);

    public async Task<IReadOnlyList<PersonalTrace>> Remove(AccountId account, CancellationToken cancel)
    {
        var removed = await RemoveRows(pool, account, withKey: false, cancel);
        await foreach (var stream in Texts($"select id from public.mt_streams where tenant_id = $1::text union {Invitations} union select stream_id from public.mt_events where type = 'share.offer-taken.v1' and data ->> 'account' = $1::text", account, cancel))
            memory.Forget(stream);
        return removed;
    }

    /// <summary>Removes all rows that tell of a person.</summary>
    /// <param name="withKey">Also the person's key; otherwise it goes by itself, with a note.</param>
    internal static async Task<List<PersonalTrace>> RemoveRows(EventPool pool, AccountId account, bool withKey, CancellationToken cancel)
    {
        var removed = new List<PersonalTrace>();
        foreach (var (name, table, whose) in Places.Where(place => withKey || place.Name != "subject-keys"))
        {
            var count = await pool.Run($"delete from {table} where {whose}", cancel, $"{account}");
            removed.Add(new PersonalTrace(name, count, count));
        }

        return removed;
    }

    public async Task<DestroyedKey> DestroyKey(AccountId account, CancellationToken cancel)
    {
        var destroyed = await journal.Destroy(account, cancel);
        keys.Forget();
        return destroyed;
    }

    public async Task<IReadOnlyList<PersonalTrace>> Look(AccountId account, CancellationToken cancel)
    {
        var seen = new List<PersonalTrace>();
        foreach (var (name, table, whose) in Places)
        {
            await using var asks = pool.Command($"select count(*) from {table} where {whose}", [$"{account}"]);
            var count = (long)(await asks.ExecuteScalarAsync(cancel))!;
            seen.Add(new PersonalTrace(name, count, count));
        }

        seen.Add(await Objects(account, cancel));
        return seen;
    }

    public Task<IReadOnlyList<AccountId>> Destroyed(CancellationToken cancel) => journal.Subjects(cancel);

    public Task<DateTimeOffset?> KeyDestroyedAt(AccountId account, CancellationToken cancel) =>
        DestroyedAt("select destroyed_at from eventfiles.destroyed_keys where subject = $1", account.Value, cancel);

    public Task<DateTimeOffset?> EraDestroyedAt(Guid era, CancellationToken cancel) =>
        DestroyedAt("select destroyed_at from eventfiles.era_keys where id = $1", era, cancel);

    private async Task<DateTimeOffset?> DestroyedAt(string sql, Guid id, CancellationToken cancel)
    {
        await using var asks = pool.Command(sql, [id]);
        return await asks.ExecuteScalarAsync(cancel) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    // Wherever the log says that bytes of the person's have been, or were to come.
    private async Task<PersonalTrace> Objects(AccountId account, CancellationToken cancel)
    {
        var (looked, there) = (0L, 0L);
        await foreach (var upload in Texts($"select distinct * from ({Told("upload")}) named", account, cancel))
        {
            looked++;
            var key = ObjectKey.Raw(new UploadId(Guid.Parse(upload)));
            await using var content = await Opened(key, cancel);
            var isThere = content is not null || await objects.GrowingLength(key, cancel) is not null
                || await objects.List(ObjectKey.PartsOf(new UploadId(Guid.Parse(upload))), cancel).AnyAsync(cancel);
            if (isThere)
                there++;
        }

        await foreach (var file in Texts($"select distinct * from ({Files}) named", account, cancel))
        {
            looked++;
            there += await objects.List(ObjectKey.VariantsOf(new FileId(Guid.Parse(file))), cancel).CountAsync(cancel);
        }

        await foreach (var export in Texts($"select distinct * from ({Told("export")}) named", account, cancel))
        {
            looked++;
            there += await objects.List(ObjectKey.ExportsOf(new ExportId(Guid.Parse(export))), cancel).CountAsync(cancel);
        }

        return new PersonalTrace("objects", there, looked);
    }

    // Without its key it does not open, and is there all the same.
    private async Task<Stream?> Opened(ObjectKey key, CancellationToken cancel)
    {
        try
        {
            return await objects.Open(key, cancel);
        }
        catch (ObjectKeyLostException)
        {
            return Stream.Null;
        }
    }

    // Whatever the person's events name so.
    private static string Told(string field) =>
        $"select data ->> '{field}' from public.mt_events where tenant_id = $1::text and data ? '{field}'";

    private async IAsyncEnumerable<string> Texts(
        string sql, AccountId account, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var all = new List<string>();
        await using (var asks = pool.Command(sql, [$"{account}"]))
        {
            await using var rows = await asks.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                if (rows[0] is string text)
                    all.Add(text);
            }
        }

        foreach (var one in all)
            yield return one;
    }
}
