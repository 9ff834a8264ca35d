namespace EventFiles.Features.Vocabulary;

/// <summary>What whoever watches is told of, as soon as this node's readers can see it and whichever node did it.</summary>
public abstract record News(long Position, AccountId Owner)
{
    /// <summary>Something that readers see of a file changed.</summary>
    public sealed record OfFile(long Position, AccountId Owner, FileId File) : News(Position, Owner)
    {
        /// <summary>Whom it may concern; null for whoever asks the rules. These decide in any case.</summary>
        public Audience? Audience { get; init; }

        /// <summary>Whose it was until then; null when it is still the same one's.</summary>
        public AccountId? Former { get; init; }

        public override object Key => File;
    }

    /// <summary>Who may read the files of an account, or some of them, may have changed.</summary>
    public sealed record OfAccess(long Position, AccountId Owner) : News(Position, Owner)
    {
        public override object Key => (typeof(OfAccess), Owner);
    }

    /// <summary>Who is in a group may have changed, and with it who may read whatever is shared with it.</summary>
    public sealed record OfGroup(long Position, AccountId Owner) : News(Position, Owner)
    {
        public override object Key => typeof(OfGroup);
    }

    /// <summary>Who is signed in to an account, and what they may, may have changed.</summary>
    public sealed record OfSessions(long Position, AccountId Owner) : News(Position, Owner)
    {
        public override object Key => (typeof(OfSessions), Owner);
    }

    /// <summary>Of several with one key the last says all.</summary>
    public abstract object Key { get; }
}

/// <summary>Which facts are news, as a slice lists them.</summary>
public sealed class NewsTable
{
    private readonly Dictionary<Type, Func<RecordedEvent, News?>> rows = [];

    public IReadOnlyCollection<Type> Facts => rows.Keys;

    /// <summary>This fact changes what readers see of that file.</summary>
    public NewsTable File<TFact>(Func<TFact, FileId> file) where TFact : class =>
        On<TFact>(happened => new News.OfFile(happened.Position, happened.Stream.Tenant, file((TFact)happened.Fact)));

    /// <summary>With this fact that file is another's.</summary>
    public NewsTable Handover<TFact>(Func<TFact, FileId> file, Func<TFact, AccountId> former) where TFact : class =>
        On<TFact>(happened => new News.OfFile(happened.Position, happened.Stream.Tenant, file((TFact)happened.Fact))
        {
            Former = former((TFact)happened.Fact),
        });

    /// <summary>This fact changes who may read a file of the stream's owner.</summary>
    public NewsTable Access<TFact>() where TFact : class =>
        On<TFact>(happened => new News.OfAccess(happened.Position, happened.Stream.Tenant));

    /// <summary>This fact changes who is in a group.</summary>
    public NewsTable Group<TFact>() where TFact : class =>
        On<TFact>(happened => new News.OfGroup(happened.Position, happened.Stream.Tenant));

    /// <summary>This fact changes who is signed in to the account that the stream belongs to.</summary>
    public NewsTable Sessions<TFact>() where TFact : class =>
        On<TFact>(happened => new News.OfSessions(happened.Position, happened.Stream.Tenant));

    /// <summary>What the fact tells, or null.</summary>
    public News? Of(RecordedEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return rows.GetValueOrDefault(happened.Fact.GetType())?.Invoke(happened);
    }

    private NewsTable On<TFact>(Func<RecordedEvent, News?> of)
    {
        rows.Add(typeof(TFact), of);
        return this;
    }
}

/// <summary>Follows the log for whoever watches.</summary>
public interface INews
{
    /// <summary>
    /// News from now on, or from a position that a former watch had reached. What lies too far back is not told: the first
    /// batch says so.
    /// </summary>
    /// <param name="after">The position up to which the watcher knows all; null for none.</param>
    /// <param name="wants">What concerns the watcher at all; asked for each piece of news, and must be quick.</param>
    Task<INewsWatch> Watch(long? after, Func<News, bool> wants, CancellationToken cancel);
}

/// <summary>One watcher's news. Whoever disposes of it watches no more.</summary>
public interface INewsWatch : IDisposable
{
    /// <summary>What came since the last batch; an empty one when nothing has within that time, and null when the node stops.</summary>
    Task<NewsBatch?> Next(TimeSpan atMost, CancellationToken cancel);
}

/// <summary>Some news.</summary>
/// <param name="Items">The last of each key, by position.</param>
/// <param name="Upto">Who has seen this batch knows all up to here.</param>
/// <param name="IsReset">Some was not told, so what is known may be stale.</param>
public sealed record NewsBatch(IReadOnlyList<News> Items, long Upto, bool IsReset);

/// <summary>Whom news of a file may concern. Whether they may read it the rules say: this tells who need not be asked.</summary>
/// <param name="Accounts">Its owner, and whoever was given it or a folder that it is in.</param>
/// <param name="HasGroups">A group was given one of these, so anybody may be among them.</param>
public sealed record Audience(IReadOnlySet<AccountId> Accounts, bool HasGroups)
{
    public bool MayConcern(AccountId account) => HasGroups || Accounts.Contains(account);
}

/// <summary>Finds audiences. Implemented by the Share slice.</summary>
public interface IAudiences
{
    /// <summary>One walk from the file up to its root, whoever watches.</summary>
    Task<Audience> Of(FileId file, CancellationToken cancel);
}
