using System.Globalization;
using System.Text.Json.Nodes;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace EventFiles.Host.Web;

/// <summary>
/// The OpenAPI 3.1 document at <c>/openapi/v1.json</c>: what the framework finds in the routes, completed by the refusals
/// that each slice declares.
/// </summary>
internal static class ApiDocument
{
    private static readonly (string Name, string Description)[] Tags =
    [
        ("Accounts", "Who people are, how they sign in, and what ends that."),
        ("Upload", "Bytes come in: in one request, or resumably by tus."),
        ("Files", "What is there: what is known of a file, its bytes, its variants, its name and place."),
        ("Folders", "Where files are."),
        ("Process", "What is made of files, and how far that is."),
        ("Share", "Who else may see a file: accounts, and whoever has a link."),
        ("Delete", "The trash, and the way out of it for good."),
        ("Hold", "What must not be deleted until an auditor says otherwise."),
        ("Retention", "How long what is in a folder stays."),
        ("Export", "All that is a person's, for them to take along and verify."),
        ("Erasure", "All that is a person's and all that is told of them, or one file, gone, and a receipt that says so."),
        ("Quota", "How much space there is, and what takes it up."),
        ("Audit", "What happened to a file."),
        ("Operate", "What load balancers and operators ask."),
    ];

    private const string ProblemJson = "application/problem+json";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", document =>
    {
        document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        document.AddSchemaTransformer(Ids);
        document.AddOperationTransformer(Headers);
        document.AddOperationTransformer(IdempotencyKeys);
        document.AddOperationTransformer(Refusals);
        document.AddDocumentTransformer(Introduce);
        document.AddDocumentTransformer(ApiExamples.Add);
    });

    public static void MapApiDocument(this WebApplication app) =>
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();

    // An id is a UUID string on the wire, whatever kind it has in here.
    private static Task Ids(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        var isId = Array.Exists(
            type.GetInterfaces(), one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IId<>));
        if (isId)
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "uuid";
            schema.Properties?.Clear();
        }

        return Task.CompletedTask;
    }

    private static Task Headers(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var header in metadata.OfType<RequestHeader>())
        {
            operation.Parameters ??= [];
            var parameter = operation.Parameters.OfType<OpenApiParameter>().FirstOrDefault(known => known.Name == header.Name);
            if (parameter is null)
                operation.Parameters.Add(parameter = new OpenApiParameter { Name = header.Name, In = ParameterLocation.Header, Schema = Text() });
            parameter.Description = header.Description;
            parameter.Required = header.IsRequired;
        }

        foreach (var (status, reply) in operation.Responses ?? [])
        {
            if (!status.StartsWith('2') || reply is not OpenApiResponse yes)
                continue;
            foreach (var header in metadata.OfType<ReplyHeader>())
            {
                yes.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
                yes.Headers[header.Name] = new OpenApiHeader { Description = header.Description, Schema = Text() };
            }
        }

        return Task.CompletedTask;

        static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
    }

    private static Task IdempotencyKeys(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        switch (context.Description.ActionDescriptor.EndpointMetadata.OfType<IdempotencyMetadata>().SingleOrDefault())
        {
            case { WhyNot: { } reason }:
                operation.Description = $"{operation.Description} {IdempotencyKey.Header} makes no difference here. {reason}".TrimStart();
                break;
            case not null:
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = IdempotencyKey.Header,
                    In = ParameterLocation.Header,
                    Description =
                        "A string of your own making for this request, best a UUID. Repeated with the same key within 24 hours, " +
                        "the request has no second effect and gets the reply that it got when it succeeded. Refusals are not " +
                        "remembered: after one the same key may be used again.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
                    Example = "8e03978e-40d5-43e8-bc93-6894a57f9324",
                });
                break;
        }

        return Task.CompletedTask;
    }

    private static async Task Refusals(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var isPublic = metadata.OfType<IAllowAnonymous>().Any();
        var refusals = metadata.OfType<RefusesMetadata>().SelectMany(declared => declared.Refusals).ToList();
        if (!isPublic)
        {
            refusals.AddRange([SecurityRefusals.SignInFirst, ScopeGate.ScopeMissing, ScopeGate.FactorNeeded]);
            if (context.Description.HttpMethod is not ("GET" or "HEAD" or "OPTIONS"))
                refusals.Add(SecurityRefusals.Csrf);
        }

        if (metadata.OfType<IdempotencyMetadata>().Any(keys => keys.WhyNot is null))
            refusals.AddRange([IdempotencyRejection.Malformed, IdempotencyRejection.Reused, IdempotencyRejection.UnderWay]);
        if (operation.RequestBody is not null || operation.Parameters is { Count: > 0 })
            refusals.AddRange([Problems.Malformed, Problems.Invalid]);
        if (operation.Parameters?.Any(parameter => parameter.Name == "cursor") == true)
            refusals.Add(Problems.BadCursor);

        if (context.Description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true)
            refusals.Add(RequestLimiting.TooMany);

        var schema = await context.GetOrCreateSchemaAsync(typeof(ProblemBody), parameterDescription: null, cancel);
        context.Document!.AddComponent("Problem", schema);
        operation.Responses ??= [];
        foreach (var status in refusals.DistinctBy(why => why.Code).GroupBy(why => Http.Status(why.Kind)))
        {
            operation.Responses[$"{status.Key}"] = new OpenApiResponse
            {
                Description = string.Join(" · ", status.Select(why => $"`{why.Code}`")),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [ProblemJson] = new()
                    {
                        Schema = new OpenApiSchemaReference("Problem", context.Document),
                        Examples = status.ToDictionary(
                            why => why.Code, IOpenApiExample (why) => new OpenApiExample { Summary = why.Detail, Value = Example(why) }),
                    },
                },
            };
        }

        DescribeBare(operation, context.Document);
        operation.Security = isPublic ? [] :
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("session", context.Document)] = [] },
        ];
    }

    // What a route answers without a code of its own, such as 416, comes as a problem too.
    private static void DescribeBare(OpenApiOperation operation, OpenApiDocument document)
    {
        foreach (var (status, reply) in operation.Responses!)
        {
            if (status.StartsWith('4') && reply is OpenApiResponse { Content: null or { Count: 0 } } bare)
            {
                var number = int.Parse(status, CultureInfo.InvariantCulture);
                var example = new JsonObject
                {
                    ["type"] = $"{Http.ProblemPrefix}status-{status}",
                    ["title"] = ReasonPhrases.GetReasonPhrase(number),
                    ["status"] = number,
                };
                bare.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [ProblemJson] = new()
                    {
                        Schema = new OpenApiSchemaReference("Problem", document),
                        Examples = new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
                        {
                            [$"status-{status}"] = new OpenApiExample { Value = example },
                        },
                    },
                };
            }
        }
    }

    private static JsonObject Example(Rejection why)
    {
        var example = new JsonObject
        {
            ["type"] = Http.ProblemPrefix + why.Code,
            ["title"] = Http.Title(why.Kind),
            ["status"] = Http.Status(why.Kind),
            ["detail"] = why.Detail,
        };
        if (why.Code == Problems.Invalid.Code)
            example["errors"] = new JsonObject { ["name"] = new JsonArray("A name has at least one visible character.") };
        return example;
    }

    private static Task Introduce(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "EventFiles",
            Version = "1",
            Description =
                "The file platform that can prove what happened to a file. Errors are RFC 9457 problems whose `type` is " +
                "`urn:eventfiles:problem:` and a stable code. Replies to commands carry `Event-Position`: what they did is " +
                "visible to your next read. They wait a second for that, or with `Prefer: wait=N` up to N seconds. Resumable " +
                "uploads speak tus 1.0 at `/api/uploads`.",
            License = new OpenApiLicense { Name = "Proprietary", Identifier = "LicenseRef-EventFiles" },
        };
        document.Tags = new HashSet<OpenApiTag>(Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
        document.Servers = [new OpenApiServer { Url = "/", Description = "This server" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "The access token that signing in gave, or one that was made for a program at `/api/auth/tokens`.",
            },
            ["session"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = "eventfiles_session",
                Description = "The web page's session. Unsafe methods also need the header `EventFiles-Csrf: 1`.",
            },
        };
        return Task.CompletedTask;
    }

    /// <summary>An RFC 9457 problem.</summary>
    /// <param name="Type"><c>urn:eventfiles:problem:</c> and a stable code.</param>
    /// <param name="Title">What sort of problem it is.</param>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Detail">What is wrong this time.</param>
    /// <param name="Errors">For refused shapes: field to what is wrong with it.</param>
    /// <param name="TraceId">For failures on our side: what to ask about.</param>
    private sealed record ProblemBody(
        string Type, string Title, int Status, string? Detail = null, Dictionary<string, string[]>? Errors = null,
        string? TraceId = null);
}
