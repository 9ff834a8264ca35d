using EventFiles.Features.Folders;

namespace EventFiles.Features.Tests.Folders;

public sealed class FreeNameTests
{
    private static readonly FolderId Folder = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));

    [Fact]
    public async Task A_name_that_is_free_stays_as_it_is() =>
        Assert.Equal("a.txt", (await Ask("a.txt")).Name);

    [Fact]
    public async Task A_taken_name_gets_the_next_number() =>
        Assert.Equal("a (2).txt", (await Ask("a.txt", "A.TXT", "a (1).txt")).Name);

    [Fact]
    public async Task A_gap_among_the_first_is_filled() =>
        Assert.Equal("a (1).txt", (await Ask("a.txt", "a.txt", "a (2).txt")).Name);

    [Theory]
    [InlineData(10)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    [InlineData(16_000)]
    [InlineData(100_000)]
    public async Task However_many_bear_the_name_the_next_is_found_in_a_few_questions(int bearers)
    {
        var taken = Enumerable.Range(1, bearers - 1).Select(number => EntryName.Numbered("a.txt", number)).Append("a.txt");
        var (name, questions, keys) = await Ask("a.txt", [.. taken]);
        Assert.Equal($"a ({bearers}).txt", name);
        Assert.InRange(questions, 1, 6);
        Assert.InRange(keys, 1, 500);
    }

    [Fact]
    public async Task Names_planted_where_one_looks_first_do_not_stop_the_search()
    {
        var planted = Enumerable.Range(1, 9).Concat(Enumerable.Range(4, 27).Select(power => 1 << power))
            .Select(number => EntryName.Numbered("a.txt", number)).Append("a.txt").ToArray();
        var (name, _, _) = await Ask("a.txt", planted);
        Assert.DoesNotContain(name, planted);
    }

    [Fact]
    public async Task A_long_name_stays_within_the_limit()
    {
        var longest = new string('x', 251) + ".txt";
        var (name, _, _) = await Ask(longest, longest);
        Assert.Null(EntryName.Problem(name));
        Assert.EndsWith(" (1).txt", name, StringComparison.Ordinal);
    }

    private static async Task<(string Name, int Questions, int Keys)> Ask(string wanted, params string[] taken)
    {
        var claims = new ClaimsOnly([.. taken.Select(EntryName.Key)]);
        var tree = new FolderTree(claims, null!, null!);
        return (await tree.FreeName(Folder, wanted, TestContext.Current.CancellationToken), claims.Questions, claims.Keys);
    }

    // Counts how often and how much the claims are asked, which a real table would not tell.
    private sealed class ClaimsOnly(HashSet<string> taken) : IStreams
    {
        public int Questions { get; private set; }

        public int Keys { get; private set; }

        public Task<IReadOnlyDictionary<string, string>> Holders(
            string scope, IReadOnlyCollection<string> keys, CancellationToken cancel)
        {
            Assert.Equal($"folder-{Folder}", scope);
            Questions++;
            Keys += keys.Count;
            return Task.FromResult<IReadOnlyDictionary<string, string>>(
                keys.Where(taken.Contains).ToDictionary(key => key, _ => "file-x"));
        }

        public Task<Answer<T>> Transact<T>(Func<ITransaction, Task<Answer<T>>> work, CancellationToken cancel) =>
            throw new NotSupportedException();

        public Task<TState> Load<TCommand, TState, TEvent>(
            StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
            where TState : class where TEvent : class => throw new NotSupportedException();

        public IAsyncEnumerable<RecordedEvent> Read(string stream, long afterVersion, CancellationToken cancel) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<RecordedEvent> ReadMerged(IReadOnlyList<string> streams, CancellationToken cancel) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<RecordedEvent> ReadAll(IReadOnlyCollection<Type> facts, CancellationToken cancel) =>
            throw new NotSupportedException();
    }
}
